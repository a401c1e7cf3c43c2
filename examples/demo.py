"""The demonstration: mypy, a real program, on real input, stock and on Lair.

Run by `make demo`, or with the `lair` command's interpreter: `python examples/demo.py`.

mypy reads the type stubs of the standard library and all source files of the package rich,
builds their syntax trees and infers every type: several million Python objects, some of which
live to the end and most of which do not.
"""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from rich.console import Console
from rich.syntax import Syntax

LAIR = [sys.executable, "-m", "lair"]
# No settings and no cache of this folder, so that every run does the whole work; and an ordinary
# exit (mypy otherwise leaves through os._exit, past every report).
MYPY = ["-m", "mypy", "--config-file=", "--cache-dir=/dev/null", "--no-fast-exit"]
PROGRAM = [*MYPY, "--ignore-missing-imports", "-p", "rich"]
RUNS = "3"


def step(console: Console, text: str, arguments: list[str]) -> None:
    """Says what comes, shows the command as a user would type it, and runs it."""
    console.print(f"\n[bold]{text}[/]")
    console.print(Syntax("$ " + " ".join(["lair", *arguments]), "console", word_wrap=True))
    console.print()
    done = subprocess.run([*LAIR, *arguments], check=False)
    if done.returncode != 0:
        sys.exit(done.returncode)


def input_size() -> str:
    """How much of rich mypy reads: files and lines."""
    spec = find_spec("rich")
    assert spec is not None and spec.submodule_search_locations is not None
    files = list(Path(spec.submodule_search_locations[0]).rglob("*.py"))
    lines = sum(len(file.read_bytes().splitlines()) for file in files)
    return f"{len(files)} files, {lines:,} lines"


def main() -> None:
    console = Console()
    if find_spec("mypy") is None:
        sys.exit("demo: mypy is not installed here: pip install -r examples/requirements.txt")
    step(
        console,
        f"1. mypy checks the types of rich ({input_size()}): stock and on Lair, in turns.",
        ["compare", "--runs", RUNS, *PROGRAM],
    )
    step(
        console,
        "2. Once more, held to 512 MiB, and the report of where its memory is.",
        ["run", "-X", "maxheapsize=512M", "--report", *PROGRAM],
    )
    console.print(
        "\nYour own program: [bold]lair run --report app.py[/], or [bold]lair compare app.py[/]."
    )


if __name__ == "__main__":
    main()
