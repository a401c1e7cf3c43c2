"""Runs stops: those in C through the program `lair-tour` beside this file, those under CPython in
one child process each."""

from __future__ import annotations

import importlib.resources
import json
import os
import subprocess
import sys
from collections.abc import Iterator

from lair.tour.evidence import FAILS, Run

TIMEOUT_S = 300

# Set by the user for this process, these would change what the stops are about.
NOT_INHERITED = ("LAIR_OPTIONS", "PYTHONMALLOC", "PYTHONDEVMODE", "PYTHONTRACEMALLOC")


class TourError(Exception):
    """The tour itself is broken (not installed whole, wrong options); the message says how."""


def c_program() -> str:
    """The path of lair-tour. Raises TourError when the package was installed without it."""
    path = str(importlib.resources.files("lair.tour").joinpath("lair-tour"))
    if not os.access(path, os.X_OK):
        raise TourError(f"the C part of the tour is missing: {path}")
    return path


def run_c(selection: str | None, settings: list[str]) -> Iterator[tuple[str, Run]]:
    """Runs the C stops of a selection; gives each one's name and evidence as it ends."""
    command = [c_program(), "--json", *(f"--set={pair}" for pair in settings)]
    if selection is not None:
        command.append(selection)
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(), text=True
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        for line in process.stdout:
            row = json.loads(line)
            yield row["stop"], Run(row["outcome"], row["reason"], row["shown"])
        faults = process.stderr.read().strip()
    if process.returncode not in (0, 1):
        raise TourError(faults or f"lair-tour ended with {ending(process.returncode)}")


def run_python(name: str, settings: list[str]) -> Run:
    """Runs one stop under this interpreter with Lair attached."""
    command = [sys.executable, "-P", "-m", "lair.tour.child", name, ",".join(settings)]
    try:
        result = subprocess.run(
            command, capture_output=True, env=environment(), text=True, timeout=TIMEOUT_S
        )
    except subprocess.TimeoutExpired:
        return Run(FAILS, f"no end after {TIMEOUT_S} s")
    lines = result.stdout.splitlines()
    if result.returncode == 0 and lines:
        return Run(**json.loads(lines[-1]))
    last_words = result.stderr.strip().splitlines() or ["without a word"]
    return Run(FAILS, f"the process ended with {ending(result.returncode)}: {last_words[-1]}")


def ending(returncode: int) -> str:
    return f"signal {-returncode}" if returncode < 0 else f"exit code {returncode}"


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
