"""How does Lair's collector compare with CPython's own? One command, one run, in turns.

    python bench/gc.py [--quick] [--rounds N] [--python PATH]... [--modes NAMES] [--only NAMES]

Full collections of large heaps, with and without garbage; whole programs: their own small steps,
processor time, peak memory; garbage in large pieces; what pyperformance asks of a collector. Lair
takes part in each mode, through `lair run` as users would, in turns with the stock collector on the
stock heap, which is also measured without automatic collections. Prints ratios of medians and
writes build/bench/gc.json. docs/benchmarks.md tells how to read them.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import gc_figures
from gc_figures import APART, KINDS, PROGRAMS, SUITE, UNCOLLECTED, group_of
from harness import BENCH, BUILD, CHECKOUT, inputs, machine, tables
from harness.allocators import BASELINE, LAIR
from harness.arguments import common_parser, names, settle
from harness.contenders import LIMIT, Contender, find_interpreters, prepare
from harness.record import Measures
from harness.runs import RunError, run_once
from harness.study import Question, Start, Study
from rich.console import Console

COLLECTING = BENCH / "collecting"
RECORD = BUILD / "gc.json"
MODES = ("auto", "incremental")  # as `lair run -X gctype=` has them

# Benchmarks of pyperformance -> how often each value does the work, and further arguments. What
# is not theirs in this version is among our own programs (btree).
SUITE_RUNS = {
    "gc_collect": (50, []),
    "gc_traversal": (20, []),
    "async_tree": (1, ["none"]),
}


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    rounds: int
    uncollected_rounds: int  # of which so many without automatic collections
    containers: tuple[int, ...]  # live ones, in full collections
    garbage: tuple[int, ...]  # % of all containers
    size: int  # of whole programs, in % of a full run
    suite_values: int  # that pyperformance's benchmarks measure in each run

    @staticmethod
    def full(rounds: int) -> "Plan":
        sizes = (200_000, 1_000_000, 5_000_000)
        return Plan(rounds, min(rounds, 2), sizes, (0, 20), 100, 5)

    @staticmethod
    def quick(rounds: int) -> "Plan":
        return Plan(rounds, 1, (20_000,), (0, 20), 3, 1)


@dataclass
class CollectorStudy(Study):
    """One run of the benchmark: what there is to measure, and what was found."""

    plan: Plan
    contenders: list[Contender]
    modes: dict[str, list[str]]  # label of the interpreter -> modes that it takes
    documents: Path

    def run_full(self) -> None:
        """Full collections, one process each, in the first mode: gc.collect() does the same in
        all of them."""
        for contender in self.contenders:
            for kind in KINDS:
                for count in self.plan.containers:
                    for garbage in self.plan.garbage:
                        group = group_of(garbage)
                        if self.wants(group, kind):
                            program = f"{kind}-{count // 1000}k"
                            arguments = [kind, str(count), str(garbage)]
                            modes = self._modes(contender)[:1]
                            self._compare(
                                Question(group, contender.interpreter.label, program, count),
                                self._starts(contender, "full.py", arguments, modes),
                                "collect",
                            )

    def run_programs(self) -> None:
        """Whole programs, and those that drop garbage in large pieces."""
        for contender in self.contenders:
            for group, programs in (("program", PROGRAMS), ("apart", APART)):
                for program in programs:
                    if self.wants(group, program):
                        size = self.plan.size
                        arguments = [program, str(size)]
                        modes = self._modes(contender)
                        starts = self._starts(contender, "steps.py", arguments, modes)
                        starts[UNCOLLECTED] = Start(
                            contender.command(
                                BASELINE, COLLECTING / "steps.py", [*arguments, "off"]
                            ),
                            starts[BASELINE].environment,
                        )
                        self._compare(
                            Question(group, contender.interpreter.label, program, size),
                            starts,
                            *("longest", "p999", "cpu", "peak_rss"),
                        )

    def run_suite(self) -> None:
        """What pyperformance asks of a collector, where it could be installed."""
        for contender in self.contenders:
            chosen = [name for name in SUITE if self.wants("suite", name)]
            if not chosen:
                continue
            try:
                contender.environment.install(COLLECTING / "requirements.txt")
            except subprocess.CalledProcessError as reason:
                self.console.print(f"not measured: pyperformance: {reason}")
                return
            for name in chosen:
                loops, further = SUITE_RUNS[name]
                arguments = [name, str(loops), str(self.plan.suite_values), *further]
                modes = self._modes(contender)
                self._compare(
                    Question("suite", contender.interpreter.label, name, loops),
                    self._starts(contender, "suite.py", arguments, modes),
                    *("seconds", "cpu"),
                )

    def _modes(self, contender: Contender) -> list[str]:
        return self.modes[contender.interpreter.label]

    def _starts(
        self, contender: Contender, script: str, arguments: list[str], modes: list[str]
    ) -> dict[str, Start]:
        """How each collector starts a program: Lair's in these modes, and the stock one."""
        environment = {"BENCH_DOCUMENTS": str(self.documents)}
        file = COLLECTING / script
        commands = {
            mode: contender.command(LAIR, file, arguments, f"gctype={mode}") for mode in modes
        }
        commands[BASELINE] = contender.command(BASELINE, file, arguments)
        return {name: Start(command, environment) for name, command in commands.items()}

    def _compare(self, question: Question, starts: dict[str, Start], *measures: str) -> None:
        """Measures a program, and says how each mode did by these measures."""
        part = {UNCOLLECTED: self.plan.uncollected_rounds}
        self.measure(question, starts, self.plan.rounds, _read, part)
        place = (question.group, question.label, question.program)
        for measure in measures:
            shown = " ".join(
                f"{mode} {tables.cell(self.rows.ratio(*place, mode, BASELINE, measure))}"
                for mode in starts
                if mode not in (BASELINE, UNCOLLECTED)
            )
            self.console.print(
                f"  {question.label:<12} {question.group:<8} {question.program:<14} "
                f"{measure:<9} {shown}"
            )


def _read(output: str) -> tuple[str, Measures]:
    said = json.loads(output)
    return str(said["checksum"]), said["measures"]


def usable_modes(contender: Contender, wanted: Sequence[str], console: Console) -> list[str]:
    """Those modes that Lair takes here; for each other one the reason is printed."""
    usable = []
    for mode in wanted:
        command = contender.command(LAIR, COLLECTING / "mode.py", [], f"gctype={mode}")
        try:
            found = run_once(command).output
            reason = "" if found == mode else f"the collector is {found}"
        except RunError as failure:
            reason = failure.reason
        if reason:
            label = contender.interpreter.label
            console.print(f"not measured: mode {mode} on {label}: {reason}", soft_wrap=True)
        else:
            usable.append(mode)
    return usable


# -- the driver: read this first ----------------------------------------------------------------


def main(arguments: list[str] | None = None) -> int:
    """0 when everything ran and did the same work; 1 when something failed; 2 on bad input.
    Missing a target is a finding, not a failure."""
    options = parse(arguments)
    console = tables.terminal()
    try:
        interpreters = find_interpreters(options.python, console)
        contenders = [prepare(interpreter, CHECKOUT, console) for interpreter in interpreters]
        modes = {
            each.interpreter.label: usable_modes(each, options.modes, console)
            for each in contenders
        }
        if not all(modes.values()):
            raise LookupError("Lair's collector takes none of these modes")
        documents = inputs.documents()
    except (LookupError, OSError, RunError, subprocess.CalledProcessError) as fault:
        print(f"bench/gc.py: {fault}", file=sys.stderr)
        return 2
    plan = Plan.quick(options.rounds) if options.quick else Plan.full(options.rounds)
    study = CollectorStudy(console, options.only, plan, contenders, modes, documents)
    study.run_full()
    study.run_programs()
    study.run_suite()

    roles = {each.role: each.label for each in interpreters}
    figures = gc_figures.figures(study.rows, roles, modes)
    gc_figures.show(console, study.rows, roles, modes, figures)
    return study.close(
        "gc",
        options,
        asdict(plan),
        interpreters,
        figures,
        {
            "lair": machine.first_line_of([contenders[0].environment.lair, "--version"]),
            "lair_options": LIMIT,
            "modes": modes,
        },
    )


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    known = {*gc_figures.GROUPS, *KINDS, *PROGRAMS, *APART, *SUITE}
    listed = f"groups ({','.join(gc_figures.GROUPS)}), kinds of heap or programs"
    reader = common_parser("bench/gc.py", __doc__, 3, RECORD, known, listed)
    reader.add_argument(
        "--modes",
        type=names(MODES),
        default=list(MODES),
        metavar="NAMES",
        help=f"modes of Lair's collector: some of {','.join(MODES)}",
    )
    return settle(reader, arguments)


if __name__ == "__main__":
    sys.exit(main())
