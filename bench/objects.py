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
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import objects_figures
from harness import machine, record
from harness.interpreters import Interpreter, discover, named
from harness.record import Rows
from harness.runs import RunError, run_once
from harness.turns import Turn, in_turns
from objects_figures import GLIB, LAIR, MALLOC, SEGREGATED, cpython_name
from rich.console import Console

BENCH = Path(__file__).resolve().parent
CHECKOUT = BENCH.parent
BUILD = CHECKOUT / "build" / "bench"
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
class Study:
    """One run of the benchmark: what there is to measure, and what was found."""

    console: Console
    plan: Plan
    only: set[str]
    contenders: list[Contender]
    rows: Rows = field(default_factory=Rows)
    checksums: dict[str, tuple[str, str]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def run_rows(self) -> None:
        """Every timed row and every weighing, on all contenders that have a counterpart."""
        offers = {contender.name: contender.offers() for contender in self.contenders}
        for group, rounds in (("time", self.plan.rounds), ("bytes", self.plan.weighings)):
            for row in offers[LAIR][group]:
                if not self.only or self.only & {group, row}:
                    able = [each for each in self.contenders if row in offers[each.name][group]]
                    self._measure(group, row, able, rounds)

    def _measure(self, group: str, row: str, able: list[Contender], rounds: int) -> None:
        """One row in turns. A contender on which it fails, or gives another checksum than on the
        first, is noted and left out from there on."""
        number = self.plan.size if group == "time" else self.plan.count
        programs = {contender.name: contender.program for contender in able}
        out: set[str] = set()
        for turn in in_turns(list(programs), rounds):
            if turn.name in out:
                continue
            try:
                said = run_once([str(programs[turn.name]), group, row, str(number)]).output
                measures = self._read(group, row, turn, said)
            except (RunError, ValueError) as failure:
                self._fail(f"{group} {row} on {turn.name}: {failure}")
                out.add(turn.name)
                continue
            found = self.rows.row(group, "", row, turn.name, number)
            found.runs.append({"round": turn.round, "place": turn.place} | measures)
        self.console.print(objects_figures.progress(self.rows, group, row))

    def _read(self, group: str, row: str, turn: Turn, said: str) -> dict[str, float | int | str]:
        """What a program printed. ValueError when its checksum is not that of the first."""
        if group == "bytes":
            return {"bytes": float(said)}
        checksum, operations, *nanoseconds = said.split()
        first, known = self.checksums.setdefault(row, (turn.name, checksum))
        if known != checksum:
            raise ValueError(f"checksum {checksum}, but {known} on {first}")
        clock, processor = (int(each) / int(operations) for each in nanoseconds)
        return {"ns": clock, "processor_ns": processor, "operations": int(operations)}

    def run_shared(self, programs: dict[str, Path]) -> None:
        """How many pages of a graph stay shared with a child that reads it, by how counts are
        kept."""
        if self.only and "shared" not in self.only:
            return
        for name, program in programs.items():
            try:
                said = run_once([str(program), str(self.plan.graph_mebibytes)]).output
                shared = float(said.split()[0])
            except (RunError, ValueError, IndexError) as failure:
                self._fail(f"shared pages on {name}: {failure}")
                continue
            row = self.rows.row("shared", "", "fork", name, self.plan.graph_mebibytes)
            row.runs.append({"round": 0, "place": 0, "shared": shared})

    def _fail(self, sentence: str) -> None:
        self.failures.append(sentence)
        self.console.print(f"  [red]failed[/]: {sentence}", soft_wrap=True)


# -- contenders ----------------------------------------------------------------------------------


def find_contenders(interpreters: list[Interpreter], console: Console) -> list[Contender]:
    """Those that could be built; for each other one the reason is printed. CalledProcessError when
    one that can be built does not compile."""
    lair = machine.first_line_of(["git", "-C", str(CHECKOUT), "describe", "--always", "--dirty"])
    libc = os.confstr("CS_GNU_LIBC_VERSION") or ""
    found = [Contender(LAIR, BUILD / "bench" / "objects_lair", lair)]
    for interpreter in interpreters:
        program = BUILD / f"objects_cpython-{interpreter.label}"
        try:
            interpreter.embed(BENCH / "objects" / "objects_cpython.c", program)
            found.append(Contender(cpython_name(interpreter.role), program, interpreter.label))
        except LookupError as reason:
            console.print(f"not measured: {reason}")
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


def find_interpreters(given: list[str], console: Console) -> list[Interpreter]:
    """Those given, or the newest 3.13 built from source and the distribution's own."""
    found = named(given) if given else discover(SOURCE_BUILDS)
    minors = {each.minor for each in found if not each.distribution}
    if not given and SOURCE_BUILDS[0] not in minors:
        console.print(f"not measured: no build of CPython {SOURCE_BUILDS[0]} from source was found")
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
    console = Console(width=None if sys.stdout.isatty() else 120, highlight=False)
    started = time.time()
    try:
        interpreters = find_interpreters(options.python, console)
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
    plan = Plan.quick(options.rounds or 1) if options.quick else Plan.full(options.rounds or 5)
    study = Study(console, plan, options.only, contenders)
    study.run_rows()
    study.run_shared(shared_programs())

    names = [contender.name for contender in contenders]
    figures = objects_figures.figures(study.rows, names)
    objects_figures.show(console, study.rows, names, figures)
    record.write(
        options.output,
        {
            "benchmark": "objects",
            "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(started)),
            "seconds": round(time.time() - started),
            "quick": options.quick,
            "plan": asdict(plan),
            "machine": machine.facts(CHECKOUT),
            "interpreters": [each.as_json() for each in interpreters],
            "contenders": {each.name: each.version for each in contenders},
            "rows": study.rows.as_json(),
            "summary": record.summary(figures),
            "failures": study.failures,
        },
    )
    console.print(f"raw runs and figures: {options.output}  ({time.time() - started:.0f} s)")
    for failure in study.failures:
        print(f"bench/objects.py: failed: {failure}", file=sys.stderr)
    return 1 if study.failures else 0


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/objects.py", description=__doc__.split("\n\n")[0])

    def positive(text: str) -> int:
        if not text.isdigit() or int(text) == 0:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1")
        return int(text)

    def split(text: str) -> set[str]:
        return set(text.split(","))

    parser.add_argument("--quick", action="store_true", help="small sizes, one round: does it run?")
    parser.add_argument("--rounds", type=positive, help="rounds (default 5; 1 with --quick)")
    parser.add_argument(
        "--python",
        action="append",
        metavar="PATH",
        default=None,
        help="interpreter to measure, repeatable (default: $PYTHONS, else those found)",
    )
    parser.add_argument(
        "--only",
        type=split,
        default=set(),
        metavar="NAMES",
        help=f"only these groups ({','.join(GROUPS)}) or rows, separated by commas",
    )
    parser.add_argument("--output", type=Path, default=RECORD, metavar="FILE", help="the record")
    options = parser.parse_args(arguments)
    options.python = options.python or os.environ.get("PYTHONS", "").split()
    return options


if __name__ == "__main__":
    sys.exit(main())
