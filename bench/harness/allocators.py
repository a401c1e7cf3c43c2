"""The contenders: Lair, CPython's own allocator, and the peers through their own ways in."""

import ctypes.util
import os
from dataclasses import dataclass, field
from pathlib import Path

from harness.machine import first_line_of
from harness.runs import RunError, run_once

BASELINE = "pymalloc"
LAIR = "lair"

# Name -> library to preload, Debian package that has it.
_PRELOADED = {
    "mimalloc": ("mimalloc", "libmimalloc2.0"),
    "jemalloc": ("jemalloc", "libjemalloc2"),
    "tcmalloc": ("tcmalloc_minimal", "libtcmalloc-minimal4"),
}
PEERS = (*_PRELOADED, "glibc")


@dataclass(frozen=True)
class Allocator:
    """A way to run a Python program, and how it reads in tables."""

    name: str
    environment: dict[str, str] = field(default_factory=dict)
    version: str = ""


def find_peers(python: str, names: list[str]) -> tuple[list[Allocator], dict[str, str]]:
    """The peers that work here, and for each missing one the reason. python tries them out."""
    found, missing = [], {}
    for name in names:
        try:
            found.append(_peer(python, name))
        except (LookupError, RunError) as reason:
            missing[name] = str(reason)
    return found, missing


def _peer(python: str, name: str) -> Allocator:
    """LookupError or RunError says why the peer cannot take part."""
    if name == "glibc":
        return Allocator(name, {"PYTHONMALLOC": "malloc"}, os.confstr("CS_GNU_LIBC_VERSION") or "")
    library, package = _PRELOADED[name]
    file = ctypes.util.find_library(library)
    if file is None:
        raise LookupError(f"lib{library}.so is not installed (Debian: {package})")
    environment = {"PYTHONMALLOC": "malloc", "LD_PRELOAD": file}
    maps = run_once([python, "-c", "print(open('/proc/self/maps').read())"], environment).output
    loaded = {line.split()[-1] for line in maps.splitlines() if f"lib{library}." in line}
    if not loaded:
        raise LookupError(f"{file} is installed but was not loaded")
    return Allocator(name, environment, _package_version(loaded.pop()))


def _package_version(file: str) -> str:
    """Version of the Debian package that owns file; the file's name where that is not known."""
    for path in (file, str(Path("/usr") / file.lstrip("/")), file.removeprefix("/usr")):
        owner = first_line_of(["dpkg-query", "-S", path]).partition(":")[0]
        if owner:
            return first_line_of(["dpkg-query", "-W", "-f", "${Version}", owner])
    return Path(file).name
