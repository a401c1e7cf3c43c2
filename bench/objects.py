"""What does liblair's object model cost beside CPython's C API, GLib and malloc? One command.

    python bench/objects.py [--quick] [--rounds N] [--python PATH]... [--only NAMES]

Runs the same operations, each in a loop of C, on every contender in turns; weighs a million objects
of each kind; and forks readers of a large graph with counts inside and beside the objects. Prints
nanoseconds, bytes and ratios of medians, and writes build/bench/objects.json. docs/benchmarks.md
tells how to read them.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import objects_figures
from harness import BENCH, BUILD, CHECKOUT, machine, tables
from harness.arguments import common_parser, settle
from harness.interpreters import Interpreter, embed_each, find
from harness.record import Measures
from harness.runs import RunError, run_once
from harness.study import Question, Start, Study
from objects_figures import GLIB, LAIR, MALLOC, SEGREGATED
from rich.console import Console

BUILD_SEGREGATED = CHECKOUT / "build" / "bench-segregated"
RECORD = BUILD / "objects.json"

SOURCE_BUILDS = ["3.13"]
GROUPS = ("time", "bytes", "shared")


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    rounds: int
    size: int  # of a timed row, in % of a full run
    count: int  # objects of each kind that are weighed
    weighings: int
    graph_mebibytes: int  # of the graph that forked readers share

    @staticmethod
    def full(rounds: int) -> "Plan":
        return Plan(rounds, 100, 2_000_000, min(rounds, 2), 1024)

    @staticmethod
    def quick(rounds: int) -> "Plan":
        return Plan(rounds, 1, 200_000, 1, 64)


@dataclass(frozen=True)
class Contender:
    """A program that runs the rows on one object model."""

    name: str
    program: Path
    version: str

    def offers(self) -> dict[str, list[str]]:
        """Group -> its rows, as the program lists them. RunError when it does not run."""
        rows: dict[str, list[str]] = {"time": [], "bytes": []}
        for line in run_once([str(self.program), "list"]).output.splitlines():
            group, name = line.split()
            rows[group].append(name)
        return rows


@dataclass
class ObjectsStudy(Study):
    """One run of the benchmark: what there is to measure, and what was found."""

    plan: Plan
    contenders: list[Contender]

    def run_rows(self) -> None:
        """Every timed row and every weighing, on all contenders that have a counterpart."""
        offers = {contender.name: contender.offers() for contender in self.contenders}
        timed = ("time", self.plan.size, self.plan.rounds, _read_time)
        weighed = ("bytes", self.plan.count, self.plan.weighings, _read_bytes)
        for group, number, rounds, read in (timed, weighed):
            for row in offers[LAIR][group]:
                if self.wants(group, row):
                    able = [each for each in self.contenders if row in offers[each.name][group]]
                    starts = {
                        each.name: Start([str(each.program), group, row, str(number)])
                        for each in able
                    }
                    self.measure(Question(group, "", row, number), starts, rounds, read)
                    self.console.print(objects_figures.progress(self.rows, group, row))

    def run_shared(self, programs: dict[str, Path]) -> None:
        """How many pages of a graph stay shared with a child that reads it, by how counts are
        kept."""
        size = self.plan.graph_mebibytes
        if self.wants("shared"):
            starts = {name: Start([str(file), str(size)]) for name, file in programs.items()}
            self.measure(Question("shared", "", "fork", size), starts, 1, _read_shared)


def _read_time(said: str) -> tuple[str, Measures]:
    checksum, operations, *nanoseconds = said.split()
    clock, processor = (int(each) / int(operations) for each in nanoseconds)
    return checksum, {"ns": clock, "processor_ns": processor, "operations": int(operations)}


def _read_bytes(said: str) -> tuple[str, Measures]:
    return "", {"bytes": float(said)}


def _read_shared(said: str) -> tuple[str, Measures]:
    shared, *_ = said.split()
    return "", {"shared": float(shared)}


# -- contenders ----------------------------------------------------------------------------------


def find_contenders(interpreters: list[Interpreter], console: Console) -> list[Contender]:
    """Those that could be built; for each other one the reason is printed. CalledProcessError when
    one that can be built does not compile."""
    lair = machine.first_line_of(["git", "-C", str(CHECKOUT), "describe", "--always", "--dirty"])
    libc = os.confstr("CS_GNU_LIBC_VERSION") or ""
    found = [Contender(LAIR, BUILD / "bench" / "objects_lair", lair)]
    source = BENCH / "objects" / "objects_cpython.c"
    for interpreter, program in embed_each(interpreters, source, console).items():
        found.append(Contender(interpreter.embedded, program, interpreter.label))
    glib = BUILD / "bench" / "objects_glib"
    if glib.exists():
        version = machine.first_line_of(["pkg-config", "--modversion", "glib-2.0"])
        found.append(Contender(GLIB, glib, version))
    else:
        console.print("not measured: GLib: its headers are missing (Debian: libglib2.0-dev)")
    found.append(Contender(MALLOC, BUILD / "bench" / "objects_malloc", libc))
    segregated = BUILD_SEGREGATED / "bench" / "objects_lair"
    if segregated.exists():
        found.append(Contender(SEGREGATED, segregated, lair))
    else:
        console.print("not measured: liblair with segregated counts: build/bench-segregated is not")
    return found


def shared_programs() -> dict[str, Path]:
    """The program that forks readers, in both builds."""
    builds = {LAIR: BUILD, SEGREGATED: BUILD_SEGREGATED}
    programs = {name: folder / "bench" / "shared_pages" for name, folder in builds.items()}
    return {name: program for name, program in programs.items() if program.exists()}


# -- the driver: read this first ----------------------------------------------------------------


def main(arguments: list[str] | None = None) -> int:
    """0 when everything ran and did the same work; 1 when something failed; 2 on bad input.
    Missing a target is a finding, not a failure."""
    options = parse(arguments)
    console = tables.terminal()
    try:
        interpreters = find(options.python, SOURCE_BUILDS, console)
        contenders = find_contenders(interpreters, console)
        offered = contenders[0].offers()
    except (LookupError, OSError, RunError, subprocess.CalledProcessError) as fault:
        print(f"bench/objects.py: {fault}", file=sys.stderr)
        return 2
    unknown = options.only - {*GROUPS, *offered["time"], *offered["bytes"]}
    if unknown:
        listed = ", ".join([*GROUPS, *offered["time"]])
        print(f"bench/objects.py: no row {sorted(unknown)[0]!r}; rows: {listed}", file=sys.stderr)
        return 2
    plan = Plan.quick(options.rounds) if options.quick else Plan.full(options.rounds)
    study = ObjectsStudy(console, options.only, plan, contenders)
    study.run_rows()
    study.run_shared(shared_programs())

    names = [contender.name for contender in contenders]
    figures = objects_figures.figures(study.rows, names)
    objects_figures.show(console, study.rows, names, figures)
    return study.close(
        "objects",
        options,
        asdict(plan),
        interpreters,
        figures,
        {"contenders": {each.name: each.version for each in contenders}},
    )


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    listed = f"groups ({','.join(GROUPS)}) or rows"
    reader = common_parser("bench/objects.py", __doc__, 5, RECORD, None, listed)
    return settle(reader, arguments)


if __name__ == "__main__":
    sys.exit(main())
