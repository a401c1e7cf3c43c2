"""What the tests of the Python package share: running programs stock and on Lair.

Lair belongs to a whole process, so nearly every test runs a program of its own.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass

import pytest

# What a shell starts in the background ignores SIGINT, and so would the programs of the tests.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@dataclass(frozen=True)
class Outcome:
    """What a program did."""

    code: int
    out: str
    err: str


def run_program(*arguments: str, stdin: str = "", cwd=None, **variables: str | None) -> Outcome:
    """Runs this interpreter with arguments. A variable of None is taken out of the environment."""
    given = {"LAIR_OPTIONS": None, **variables}
    environment = {name: value for name, value in os.environ.items() if name not in given}
    environment |= {name: value for name, value in given.items() if value is not None}
    done = subprocess.run(
        [sys.executable, *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        env=environment,
        cwd=cwd,
        timeout=500,
        check=False,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def python() -> Callable[..., Outcome]:
    """Runs a program under stock Python."""
    return run_program


@pytest.fixture
def lair() -> Callable[..., Outcome]:
    """Runs the command `lair`."""

    def run(*arguments: str, **more) -> Outcome:
        return run_program("-m", "lair", *arguments, **more)

    return run
