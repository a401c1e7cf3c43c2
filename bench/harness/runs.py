"""Runs one program once and measures it from outside: time, processor time, peak memory."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

TIMEOUT = 600.0  # seconds; a run that takes longer is killed and counts as failed

# Settings of the caller that would reach the program and change what is measured.
_STRIPPED = ("PYTHON", "LAIR", "LD_", "MALLOC", "GLIBC_TUNABLES", "MIMALLOC", "TCMALLOC", "MAKE")
_STRIPPED_EXACTLY = ("MFLAGS", "VIRTUAL_ENV")


# Starts and measures the program. A new process inherits the peak of the one that made it, so the
# program is started from an interpreter without anything in it, smaller than all that is measured.
_LAUNCHER = """
import os, sys, time
report, count = sys.argv[1], int(sys.argv[2])
environment = dict(each.split("=", 1) for each in sys.argv[3 : 3 + count])
command = sys.argv[3 + count :]
start = time.perf_counter()
process = os.posix_spawnp(command[0], command, environment)
_, status, usage = os.wait4(process, 0)
wall = time.perf_counter() - start
with open(report, "w") as file:
    print(wall, usage.ru_utime, usage.ru_stime, usage.ru_maxrss,
          os.waitstatus_to_exitcode(status), file=file)
"""


class RunError(Exception):
    """A program ended with a non-zero exit code or by a signal. The message says which and why,
    reason why alone."""

    def __init__(self, command: Sequence[str], reason: str) -> None:
        super().__init__(f"{' '.join(command)}: {reason}")
        self.reason = reason


@dataclass(frozen=True)
class Run:
    """One measured run."""

    wall: float  # seconds
    user: float  # seconds, all threads and awaited children
    system: float
    peak_rss: int  # bytes; the largest of the process and its awaited children
    output: str  # what it wrote to standard output


def clean_environment(extra: dict[str, str] | None = None) -> dict[str, str]:
    """The caller's environment without settings of allocators and interpreters, with a fixed
    hash seed, and with extra."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(_STRIPPED) and name not in _STRIPPED_EXACTLY
    }
    return kept | {"PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8"} | (extra or {})


def run_once(command: Sequence[str], extra_environment: dict[str, str] | None = None) -> Run:
    """Runs command to its end. RunError when it does not succeed."""
    environment = [
        f"{name}={value}" for name, value in clean_environment(extra_environment).items()
    ]
    with tempfile.TemporaryDirectory() as folder:
        report, output, errors = (Path(folder) / name for name in ("report", "output", "errors"))
        with output.open("w") as to_output, errors.open("w") as to_errors:
            launcher = subprocess.Popen(
                [
                    *(sys.executable, "-I", "-S", "-c", _LAUNCHER, str(report)),
                    *(str(len(environment)), *environment, *command),
                ],
                stdin=subprocess.DEVNULL,
                stdout=to_output,
                stderr=to_errors,
                start_new_session=True,
            )
            try:
                launcher.wait(TIMEOUT)
            except BaseException as reason:  # an interrupt too must not leave the program behind
                os.killpg(launcher.pid, signal.SIGKILL)
                launcher.wait()
                if isinstance(reason, subprocess.TimeoutExpired):
                    raise RunError(command, f"not ready in {TIMEOUT} s") from None
                raise
        last = errors.read_text(errors="replace").strip().splitlines()[-1:] or ["(it said nothing)"]
        if launcher.returncode != 0:
            raise RunError(command, f"cannot be started: {last[0]}")
        wall, user, system, peak, code = report.read_text().split()
        if code != "0":
            how = f"signal {code[1:]}" if code.startswith("-") else f"exit code {code}"
            raise RunError(command, f"{how}: {last[0]}")
        said = output.read_text().strip()
        return Run(float(wall), float(user), float(system), int(peak) * 1024, said)
