"""Real input for the programs: files of a pinned source distribution."""

import subprocess
import sys
import tarfile
from pathlib import Path

from harness import BENCH, BUILD


def documents() -> Path:
    """The texts that docutils turns into HTML: its own documentation. FileNotFoundError or
    CalledProcessError when they cannot be had."""
    requirements = BENCH / "requirements.txt"
    return source_distribution(requirements, "docutils", BUILD / "input") / "docs"


def source_distribution(requirements: Path, name: str, folder: Path) -> Path:
    """The unpacked source distribution of the one package that requirements pins, below folder.
    It is fetched with pip, which checks its hash, unless it is there. FileNotFoundError when the
    package has another name."""
    unpacked = folder / "unpacked"
    if not unpacked.exists():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            [
                *(sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check"),
                *("--no-deps", "--no-binary", ":all:", "-d", str(folder), "-r", str(requirements)),
            ],
            check=True,
        )
        archive = next(folder.glob(f"{name}-*.tar.gz"))
        with tarfile.open(archive) as opened:
            opened.extractall(folder / "partly", filter="data")
        (folder / "partly").rename(unpacked)
    try:
        return next(unpacked.glob(f"{name}-*"))
    except StopIteration:
        raise FileNotFoundError(f"{folder} holds no {name}: remove it and try again") from None
