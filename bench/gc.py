"""How does Lair's collector compare with CPython's own? One command, one run, in turns.

    python bench/gc.py [--quick] [--rounds N] [--python PATH]... [--only NAMES]

Full collections of large heaps, with and without garbage; and whole programs: the longest of their
own small steps, processor time, peak memory. Both collectors run in turns, Lair through `lair run`
as users would. Prints ratios of medians to the stock collector on the stock heap and writes
build/bench/gc.json. docs/benchmarks.md tells how to read them.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import gc_figures
from harness import machine, record
from harness.allocators import BASELINE, LAIR
from harness.contenders import LIMIT, Contender, find_interpreters, prepare
from harness.record import Rows
from harness.runs import RunError, run_once
from harness.turns import in_turns
from rich.console import Console

BENCH = Path(__file__).resolve().parent
CHECKOUT = BENCH.parent
RECORD = CHECKOUT / "build" / "bench" / "gc.json"
MODES = ("auto",)  # as `lair run -X gctype=` has them; the first gives the headline figures

KINDS = ("dicts", "tree", "json")
PROGRAMS = ("churn_json", "churn_records", "queue", "requests")


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    rounds: int
    containers: tuple[int, ...]  # live ones, in full collections
    garbage: tuple[int, ...]  # % of all containers
    size: int  # of whole programs, in % of a full run

    @staticmethod
    def full(rounds: int) -> "Plan":
        return Plan(rounds, (200_000, 1_000_000, 5_000_000), (0, 20), 100)

    @staticmethod
    def quick(rounds: int) -> "Plan":
        return Plan(rounds, (20_000,), (0, 20), 3)


@dataclass
class Study:
    """One run of the benchmark: what there is to measure, and what was found."""

    console: Console
    plan: Plan
    only: set[str]
    contenders: list[Contender]
    rows: Rows = field(default_factory=Rows)
    failures: list[str] = field(default_factory=list)

    def run_full(self) -> None:
        """Full collections, one process each."""
        for contender in self.contenders:
            for kind in KINDS:
                for count in self.plan.containers:
                    for garbage in self.plan.garbage:
                        group = gc_figures.group_of(garbage)
                        if self._wants(group, kind):
                            arguments = [kind, str(count), str(garbage)]
                            program = f"{kind}-{count // 1000}k"
                            self._measure(contender, group, program, "full.py", arguments, count)
                            self._say(contender, group, program, "collect")

    def run_programs(self) -> None:
        """Whole programs."""
        for contender in self.contenders:
            for program in PROGRAMS:
                if self._wants("program", program):
                    size = self.plan.size
                    arguments = [program, str(size)]
                    self._measure(contender, "program", program, "steps.py", arguments, size)
                    for measure in ("longest", "cpu", "peak_rss"):
                        self._say(contender, "program", program, measure)

    def _wants(self, group: str, program: str) -> bool:
        return not self.only or bool(self.only & {group, program})

    def _measure(
        self,
        contender: Contender,
        group: str,
        program: str,
        script: str,
        arguments: list[str],
        size: int,
    ) -> None:
        """Runs a program on every collector in turns. One that fails, or does other work than the
        first, is noted and left out from there on."""
        label = contender.interpreter.label
        out: set[str] = set()
        known = None
        for turn in in_turns([*MODES, BASELINE], self.plan.rounds):
            if turn.name in out:
                continue
            allocator = BASELINE if turn.name == BASELINE else LAIR
            options = "" if turn.name == BASELINE else f"gctype={turn.name}"
            file = BENCH / "collecting" / script
            try:
                run = run_once(contender.command(allocator, file, arguments, options))
                said = json.loads(run.output)
                known = said["checksum"] if known is None else known
                if said["checksum"] != known:
                    raise ValueError(f"checksum {said['checksum']}, but {known} before")
            except (RunError, ValueError, KeyError) as failure:
                self._fail(f"{label} {group} {program} on {turn.name}: {failure}")
                out.add(turn.name)
                continue
            self.rows.row(group, label, program, turn.name, size).runs.append(
                {
                    "round": turn.round,
                    "place": turn.place,
                    "wall": run.wall,
                    "cpu": run.user + run.system,
                    "peak_rss": run.peak_rss,
                }
                | said["measures"]
            )

    def _say(self, contender: Contender, group: str, program: str, measure: str) -> None:
        label = contender.interpreter.label
        shown = " ".join(
            f"{mode} {self.rows.ratio(group, label, program, mode, BASELINE, measure) or 0:.3f}"
            for mode in MODES
        )
        self.console.print(f"  {label:<12} {group:<13} {program:<14} {measure:<9} {shown}")

    def _fail(self, sentence: str) -> None:
        self.failures.append(sentence)
        self.console.print(f"  [red]failed[/]: {sentence}", soft_wrap=True)


# -- the driver: read this first ----------------------------------------------------------------


def main(arguments: list[str] | None = None) -> int:
    """0 when everything ran and did the same work; 1 when something failed; 2 on bad input.
    Missing a target is a finding, not a failure."""
    options = parse(arguments)
    console = Console(width=None if sys.stdout.isatty() else 120, highlight=False)
    started = time.time()
    try:
        interpreters = find_interpreters(options.python, console)
        contenders = [prepare(interpreter, CHECKOUT, console) for interpreter in interpreters]
    except (LookupError, OSError, subprocess.CalledProcessError) as fault:
        print(f"bench/gc.py: {fault}", file=sys.stderr)
        return 2
    plan = Plan.quick(options.rounds or 1) if options.quick else Plan.full(options.rounds or 3)
    study = Study(console, plan, options.only, contenders)
    study.run_full()
    study.run_programs()

    roles = {each.role: each.label for each in interpreters}
    figures = gc_figures.figures(study.rows, roles, MODES)
    gc_figures.show(console, study.rows, roles, MODES, figures)
    record.write(
        options.output,
        {
            "benchmark": "gc",
            "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(started)),
            "seconds": round(time.time() - started),
            "quick": options.quick,
            "plan": asdict(plan),
            "lair": machine.first_line_of([contenders[0].environment.lair, "--version"]),
            "lair_options": LIMIT,
            "machine": machine.facts(CHECKOUT),
            "interpreters": [each.as_json() for each in interpreters],
            "rows": study.rows.as_json(),
            "summary": record.summary(figures),
            "failures": study.failures,
        },
    )
    console.print(f"raw runs and figures: {options.output}  ({time.time() - started:.0f} s)")
    for failure in study.failures:
        print(f"bench/gc.py: failed: {failure}", file=sys.stderr)
    return 1 if study.failures else 0


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/gc.py", description=__doc__.split("\n\n")[0])
    known = {*KINDS, *PROGRAMS, *gc_figures.GROUPS}

    def names(text: str) -> list[str]:
        for name in text.split(","):
            if name not in known:
                listed = ", ".join(sorted(known))
                raise argparse.ArgumentTypeError(f"{name!r} is none of: {listed}")
        return text.split(",")

    def positive(text: str) -> int:
        if not text.isdigit() or int(text) == 0:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1")
        return int(text)

    parser.add_argument("--quick", action="store_true", help="small sizes, one round: does it run?")
    parser.add_argument("--rounds", type=positive, help="rounds (default 3; 1 with --quick)")
    parser.add_argument(
        "--python",
        action="append",
        metavar="PATH",
        default=None,
        help="interpreter to measure, repeatable (default: $PYTHONS, else those found)",
    )
    parser.add_argument(
        "--only",
        type=names,
        default=[],
        metavar="NAMES",
        help="only these groups, kinds of heap or programs, separated by commas",
    )
    parser.add_argument("--output", type=Path, default=RECORD, metavar="FILE", help="the record")
    options = parser.parse_args(arguments)
    options.only = set(options.only)
    options.python = options.python or os.environ.get("PYTHONS", "").split()
    return options


if __name__ == "__main__":
    sys.exit(main())
