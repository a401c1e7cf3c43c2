"""The interpreters of a benchmark, each with Lair installed beside it."""

from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from harness.allocators import LAIR
from harness.interpreters import Environment, Interpreter, find
from harness.runs import RunError, run_once

SOURCE_BUILDS = ["3.11", "3.13"]

# A limit far above what any program needs: the limit and its books are on, and nothing is refused.
LIMIT = "maxheapsize=16G"


@dataclass
class Contender:
    """An interpreter with Lair installed beside it."""

    interpreter: Interpreter
    environment: Environment

    def command(
        self, allocator: str, script: Path, arguments: list[str], options: str = ""
    ) -> list[str]:
        """How a user would start script on this allocator. options: Lair's further ones, one
        "name=value"."""
        python = [self.environment.python]
        if allocator == LAIR:
            python = [self.environment.lair, "run", "--strict", "-X", LIMIT]
            python += ["-X", options] if options else []
        return [*python, str(script), *arguments]


def find_interpreters(given: list[str], console: Console) -> list[Interpreter]:
    """Those given, or those found. LookupError when one given is not an ordinary CPython, or
    none is found."""
    found = find(given, SOURCE_BUILDS, console)
    if not found:
        raise LookupError("found no CPython 3.11 or 3.13; name one with --python")
    return found


def prepare(interpreter: Interpreter, checkout: Path, console: Console) -> Contender:
    """Lair and the real application installed. LookupError when Lair does not attach: a
    comparison of stock with stock must not look like a result."""
    console.print(f"interpreter {interpreter.label}: {interpreter.executable}", soft_wrap=True)
    environment = Environment(checkout, interpreter)
    environment.install(checkout / "bench" / "requirements.txt")
    contender = Contender(interpreter, environment)
    script = checkout / "bench" / "programs" / "attached.py"
    try:
        run = run_once(contender.command(LAIR, script, []))
    except RunError as failure:
        raise LookupError(f"Lair does not run on {interpreter.label}: {failure}") from failure
    if run.output != "attached":
        raise LookupError(f"Lair does not attach on {interpreter.label}")
    return contender
