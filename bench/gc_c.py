"""How does liblair's collector compare with Boehm's and with CPython's, from C? One command.

    python bench/gc_c.py [--quick] [--rounds N] [--python PATH]... [--only NAMES]

The same work on nodes that refer to each other, on every contender in turns; liblair takes part in
each mode. Prints medians of seconds, of the longest step (100 nodes made) and of peak memory, each
with liblair's ratio to it, and writes build/bench/gc_c.json. docs/benchmarks.md tells how to read
them.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path

from harness import BENCH, BUILD, CHECKOUT, machine, tables
from harness.arguments import common_parser, settle
from harness.interpreters import Interpreter, embed_each, find
from harness.record import Figure, Measures, Rows
from harness.study import Question, Start, Study
from rich.console import Console

RECORD = BUILD / "gc_c.json"
SOURCE_BUILDS = ["3.13"]

LAIR = "liblair"
SLICED = "liblair incremental"
MODES = {LAIR: "auto", SLICED: "incremental"}
BOEHM = "boehm"
WORKS = ("trees", "churn", "pairs")

# What is told of a run, and how it reads.
MEASURES = {
    "seconds": tables.Unit("s"),
    "longest": tables.MILLISECONDS,
    "peak": tables.Unit("MiB", 1 / (1 << 20), 1),
}

# Targets: at most, in ratios to the contender. None: for information.
_LONGEST = 1.0
_PEAK = {BOEHM: 1.0}


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    rounds: int
    size: int  # in % of the full work


@dataclass(frozen=True)
class Contender:
    """A program that does the works on one collector."""

    program: Path
    version: str
    options: str = ""  # of liblair

    def start(self, work: str, size: int) -> Start:
        return Start([str(self.program), work, str(size)], {"LAIR_OPTIONS": self.options})


def find_contenders(interpreters: list[Interpreter], console: Console) -> dict[str, Contender]:
    """Those that could be built, by name; for each other one the reason is printed.
    CalledProcessError when one that can be built does not compile."""
    lair = machine.first_line_of(["git", "-C", str(CHECKOUT), "describe", "--always", "--dirty"])
    program = BUILD / "bench" / "collecting_lair"
    found = {name: Contender(program, lair, f"gctype={mode}") for name, mode in MODES.items()}
    boehm = BUILD / "bench" / "collecting_boehm"
    if boehm.exists():
        version = machine.first_line_of(["pkg-config", "--modversion", "bdw-gc"])
        found[BOEHM] = Contender(boehm, version)
    else:
        console.print("not measured: Boehm's: its headers are missing (Debian: libgc-dev)")
    source = BENCH / "collecting" / "collecting_cpython.c"
    for interpreter, program in embed_each(interpreters, source, console).items():
        found[interpreter.embedded] = Contender(program, interpreter.label)
    return found


def read(output: str) -> tuple[str, Measures]:
    """What a program printed: seconds, milliseconds, MiB, checksum."""
    seconds, longest, peak, checksum = output.split()
    return checksum, {
        "seconds": float(seconds),
        "longest": float(longest) / 1e3,
        "peak": float(peak) * (1 << 20),
    }


# -- figures and tables --------------------------------------------------------------------------


def figures(rows: Rows, others: Sequence[str]) -> list[Figure]:
    """liblair in each mode beside each of the others."""
    found = []
    for mode, name in product(MODES, others):
        key = f"{MODES[mode]}_{name.replace(' ', '')}"
        ratios = {each: rows.ratios("work", "", mode, name, each) for each in MEASURES}
        found += [
            Figure.mean_of(f"{key}_time_geomean", ratios["seconds"]),
            Figure.worst_of(f"{key}_time_worst", ratios["seconds"]),
            Figure.mean_of(f"{key}_longest_geomean", ratios["longest"]),
            Figure.worst_of(f"{key}_longest_worst", ratios["longest"], _LONGEST),
            Figure.mean_of(f"{key}_peak_geomean", ratios["peak"]),
            Figure.worst_of(f"{key}_peak_worst", ratios["peak"], _PEAK.get(name)),
        ]
    return found


def show(console: Console, rows: Rows, others: Sequence[str], found: Sequence[Figure]) -> None:
    """Prints a table for each measure and mode, the figures last."""
    for (measure, unit), mode in product(MEASURES.items(), MODES):
        title = f"{measure}, {unit.name}; ratio of {mode}"
        tables.Beside(title, "work", "", measure, unit, mode, others, True).show(console, rows)
    tables.show_figures(console, found)


# -- the driver: read this first ----------------------------------------------------------------


def main(arguments: list[str] | None = None) -> int:
    """0 when everything ran and did the same work; 1 when something failed; 2 on bad input.
    Missing a target is a finding, not a failure."""
    options = parse(arguments)
    console = tables.terminal()
    try:
        interpreters = find(options.python, SOURCE_BUILDS, console)
        contenders = find_contenders(interpreters, console)
    except (LookupError, OSError, subprocess.CalledProcessError) as fault:
        print(f"bench/gc_c.py: {fault}", file=sys.stderr)
        return 2
    plan = Plan(options.rounds, 2 if options.quick else 100)
    study = Study(console, options.only)
    for work in WORKS:
        if study.wants(work):
            study.measure(
                Question("work", "", work, plan.size),
                {name: each.start(work, plan.size) for name, each in contenders.items()},
                plan.rounds,
                read,
            )
            console.print(_progress(study.rows, work))

    others = [name for name in contenders if name not in MODES]
    found = figures(study.rows, others)
    show(console, study.rows, others, found)
    versions = {name: contender.version for name, contender in contenders.items()}
    return study.close("gc_c", options, asdict(plan), interpreters, found, {"contenders": versions})


def _progress(rows: Rows, work: str) -> str:
    """One line on a work that has just been measured."""
    seconds = rows.median("work", "", work, LAIR, "seconds")
    return f"  {work:<6} {LAIR} " + ("-" if seconds is None else f"{seconds:.2f} s")


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    listed = f"works ({','.join(WORKS)})"
    reader = common_parser("bench/gc_c.py", __doc__, 5, RECORD, WORKS, listed)
    return settle(reader, arguments)


if __name__ == "__main__":
    sys.exit(main())
