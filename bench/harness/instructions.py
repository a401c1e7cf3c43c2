"""Counts the instructions a program executes: with the processor's counters where the system lets
us, else under valgrind (cachegrind without its cache model), which is slow but exact."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.runs import clean_environment


@dataclass(frozen=True)
class Counter:
    """A way to count."""

    name: str  # "perf" or "valgrind"

    def count(self, command: Sequence[str], extra: dict[str, str] | None = None) -> int:
        """Instructions of command and its children in user mode. valgrind forgets what came before
        a program that replaces itself (exec). CalledProcessError when it fails."""
        with tempfile.TemporaryDirectory() as folder:
            wrapped = [*self._wrap(Path(folder)), *command]
            subprocess.run(
                wrapped,
                env=clean_environment(extra),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=True,
            )
            return sum(read_count(report.read_text()) for report in Path(folder).iterdir())

    def _wrap(self, folder: Path) -> list[str]:
        if self.name == "perf":
            report = str(folder / "report")
            return ["perf", "stat", "-x", ",", "-e", "instructions:u", "-o", report, "--"]
        return [
            "valgrind",
            "--tool=cachegrind",
            "--cache-sim=no",
            "--trace-children=yes",
            f"--cachegrind-out-file={os.devnull}",
            f"--log-file={folder}/%p",
        ]


def read_count(report: str) -> int:
    """The number in the report of either tool. ValueError when there is none."""
    found = re.search(r"^(\d+),[^,]*,instructions", report, re.MULTILINE)
    found = found or re.search(r"I\s+refs:\s+([\d,]+)", report)
    if found is None:
        raise ValueError(f"no instruction count in: {report.strip()!r}")
    return int(found.group(1).replace(",", ""))


def find_counter() -> Counter | None:
    """The best counter that works here, or None."""
    for name in ("perf", "valgrind"):
        if shutil.which(name):
            counter = Counter(name)
            try:
                counter.count(["true"])
            except (OSError, ValueError, subprocess.CalledProcessError):
                continue
            return counter
    return None
