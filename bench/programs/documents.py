"""A real application on real input: docutils turns its own documentation into HTML.

The folder with the texts is given by BENCH_DOCUMENTS: `docs` of the docutils source distribution,
in the version that bench/requirements.txt pins.
"""

import os
import sys
from pathlib import Path

from docutils.core import publish_string

# Two kilobytes to seventy, all prose and tables, nothing that includes files or runs code.
DOCUMENTS = (
    "howto/rst-roles.txt",
    "dev/semantics.txt",
    "user/rst/quickstart.txt",
    "peps/pep-0256.txt",
    "howto/rst-directives.txt",
    "dev/rst/problems.txt",
    "user/tools.txt",
    "ref/rst/roles.txt",
    "api/publisher.txt",
    "dev/hacking.txt",
    "user/slide-shows.txt",
    "ref/rst/directives.txt",
    "user/mailing-lists.txt",
    "dev/distributing.txt",
    "ref/rst/restructuredtext.txt",
    "user/latex.txt",
)
SETTINGS = {
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "syntax_highlight": "none",
    "report_level": 5,
    "halt_level": 6,
    "embed_stylesheet": False,
    "output_encoding": "unicode",
    "datestamp": None,
    "_disable_config": True,
}


def main(size: int, folder: Path) -> int:
    """Publishes size % of the text there is (100: all of it), document by document."""
    texts = [(folder / name).read_text(encoding="utf-8") for name in DOCUMENTS]
    wanted = sum(map(len, texts)) * size // 100
    checksum = 0
    while wanted > 0:
        for text in texts:
            html = publish_string(text, writer_name="html5", settings_overrides=SETTINGS)
            checksum += len(html)
            wanted -= len(text)
            if wanted <= 0:
                break
    return checksum


if __name__ == "__main__":
    print(
        main(
            int(sys.argv[1]) if len(sys.argv) > 1 else 100,
            Path(os.environ["BENCH_DOCUMENTS"]),
        )
    )
