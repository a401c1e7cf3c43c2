"""A program compiled for one build of the library does not link with another.

Usage: test_link.py LIBRARY INCLUDE CONFIG SEGREGATED DEBUG COMPILER...

CONFIG is the lair/config.h of this build, SEGREGATED and DEBUG are its options (0 or 1). Each
program here is compiled against each of the four ways a library can be built, and linked with
LIBRARY: that must succeed for the build's own way alone, and otherwise name the layout.
"""

import itertools
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent


def config_for(config: str, segregated: int, debug: int) -> str:
    """The text of config.h with these options in place of its own."""
    for name, value in (("SEGREGATED_COUNTS", segregated), ("DEBUG_REFERENCES", debug)):
        config, changes = re.subn(rf"(#define LAIR_{name}) \d", rf"\1 {value}", config)
        assert changes == 1, f"config.h does not define LAIR_{name}"
    return config


def main() -> int:
    """Tries every program in every way; the exit code of the test."""
    library, include, config_path = (Path(argument) for argument in sys.argv[1:4])
    own = int(sys.argv[4]), int(sys.argv[5])
    compiler = sys.argv[6:]
    config = config_path.read_text()
    failures = 0
    for way in itertools.product((0, 1), repeat=2):
        for source in (HERE / "program.c", HERE / "names_nothing.c"):
            with tempfile.TemporaryDirectory() as scratch:
                header = Path(scratch, "lair", "config.h")
                header.parent.mkdir()
                header.write_text(config_for(config, *way))
                linked = subprocess.run(
                    [
                        *compiler,
                        "-std=c17",
                        f"-I{scratch}",
                        f"-I{include}",
                        str(source),
                        "-o",
                        str(Path(scratch, "program")),
                        str(library),
                    ],
                    capture_output=True,
                    text=True,
                    check=False,
                )
            if way == own:
                right = linked.returncode == 0
            else:
                right = linked.returncode != 0 and "lair_object_layout_" in linked.stderr
            print(
                f"{source.name}, segregated {way[0]}, debug {way[1]}: exit code"
                f" {linked.returncode}: {'as it should be' if right else 'WRONG'}"
            )
            if not right:
                print(linked.stderr)
                failures += 1
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
