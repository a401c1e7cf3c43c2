"""How does liblair's collector compare with Boehm's and with CPython's, from C? One command.

    python bench/gc_c.py [--quick] [--rounds N] [--python PATH]...

The same work on nodes that refer to each other, on every contender in turns. Prints medians of
seconds, of the longest step (100 nodes made) and of peak memory, each with its ratio to liblair's,
and writes build/bench/gc_c.json.
"""

import argparse
import subprocess
import sys
from pathlib import Path
from statistics import median

from harness import machine, record
from harness.interpreters import discover, named
from harness.runs import RunError, run_once
from harness.turns import in_turns
from rich.console import Console
from rich.table import Table

BENCH = Path(__file__).resolve().parent
CHECKOUT = BENCH.parent
BUILD = CHECKOUT / "build" / "bench"
RECORD = BUILD / "gc_c.json"

LAIR = "liblair"
WORKS = ("trees", "churn", "pairs")
MEASURES = ("seconds", "longest step, ms", "peak, MB")


def find_contenders(given: list[str], console: Console) -> dict[str, Path]:
    """Those that could be built: name -> program. For each other one the reason is printed."""
    found = {LAIR: BUILD / "bench" / "collecting_lair"}
    boehm = BUILD / "bench" / "collecting_boehm"
    if boehm.exists():
        found["Boehm " + machine.first_line_of(["pkg-config", "--modversion", "bdw-gc"])] = boehm
    else:
        console.print("not measured: Boehm's: its headers are missing (Debian: libgc-dev)")
    for interpreter in named(given) if given else discover(["3.13"]):
        program = BUILD / f"collecting_cpython-{interpreter.label}"
        try:
            interpreter.embed(BENCH / "collecting" / "collecting_cpython.c", program)
            found[f"CPython {interpreter.label}"] = program
        except LookupError as reason:
            console.print(f"not measured: {reason}")
    return found


def measure(program: Path, work: str, size: int) -> tuple[list[float], str]:
    """One run: what MEASURES names, and the checksum."""
    *figures, checksum = run_once([str(program), work, str(size)]).output.split()
    return [float(figure) for figure in figures], checksum


def show(runs: dict[str, dict[str, list[list[float]]]], console: Console) -> None:
    for at, measure_name in enumerate(MEASURES):
        table = Table("work", *runs, title=measure_name)
        for work in WORKS:
            medians = [median(run[at] for run in of[work]) for of in runs.values()]
            table.add_row(work, *(f"{each:.2f} ({each / medians[0]:.2f})" for each in medians))
        console.print(table)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--quick", action="store_true", help="small work, to see that it runs")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--python", action="append", default=[], metavar="PATH")
    options = parser.parse_args(arguments)
    console = Console()
    try:
        contenders = find_contenders(options.python, console)
        runs: dict[str, dict[str, list[list[float]]]] = {
            name: {work: [] for work in WORKS} for name in contenders
        }
        for work in WORKS:
            sums = set()
            for turn in in_turns(list(contenders), options.rounds):
                size = 2 if options.quick else 100
                figures, checksum = measure(contenders[turn.name], work, size)
                runs[turn.name][work].append(figures)
                sums.add(checksum)
            if len(sums) != 1:
                console.print(f"{work}: the contenders did not do the same: {sorted(sums)}")
                return 1
    except (RunError, subprocess.CalledProcessError) as error:
        console.print(str(error))
        return 1
    show(runs, console)
    record.write(RECORD, {"machine": machine.facts(CHECKOUT), "measures": MEASURES, "runs": runs})
    return 0


if __name__ == "__main__":
    sys.exit(main())
