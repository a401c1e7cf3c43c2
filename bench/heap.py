"""How does Lair's heap compare with the allocators people use? One command, one run, in turns.

    python bench/heap.py [--quick] [--rounds N] [--python PATH]... [--peers NAMES] [--only NAMES]

Runs Python programs through `lair run`, on CPython's own allocator and on the peers; looks at
what stays resident after freeing; runs a C churn set; counts instructions. Prints ratios of
medians to CPython's own allocator and writes build/bench/heap.json. docs/benchmarks.md tells how
to read them.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import heap_figures
from harness import BENCH, BUILD, CHECKOUT, inputs, machine, tables
from harness.allocators import BASELINE, LAIR, PEERS, Allocator, find_peers
from harness.arguments import common_parser, names, settle
from harness.contenders import LIMIT, Contender, find_interpreters, prepare
from harness.instructions import Counter, find_counter
from harness.interpreters import Interpreter
from harness.record import Measures
from harness.study import Question, Start, Study

RECORD = BUILD / "heap.json"

PROGRAMS = (
    "trees",
    "tuples",
    "dicts",
    "instances",
    "json_dumps",
    "json_loads",
    "sheet",
    "strings",
    "growth",
    "random_heap",
    "documents",
)
FREED = ("all", "half", "most")
CHURN = ("lifo", "fifo", "random", "bulk", "mixed", "grow")
GROUPS = ("python", "residency", "churn", "instructions")


@dataclass(frozen=True)
class Plan:
    """How much is measured. Sizes are in % of a full run of one program."""

    rounds: int
    peer_rounds: int  # rounds in which the peers take part
    size: int
    residency_size: int
    residency_rounds: int  # of which the peers take part in one
    counted_size: int  # under valgrind, which is some forty times slower
    peers_everywhere: bool  # or on the reference interpreter only

    @staticmethod
    def full(rounds: int) -> "Plan":
        return Plan(rounds, min(rounds, 2), 100, 100, min(rounds, 2), 8, True)

    @staticmethod
    def quick(rounds: int) -> "Plan":
        return Plan(rounds, 1, 8, 25, 1, 1, False)


@dataclass
class HeapStudy(Study):
    """One run of the benchmark: what there is to measure, and what was found."""

    plan: Plan
    contenders: list[Contender]
    peers: list[Allocator]
    documents: Path

    @property
    def reference(self) -> Contender:
        """The interpreter of the headline figures: 3.13 where there is one."""
        for contender in self.contenders:
            if contender.interpreter.role == "python313":
                return contender
        return self.contenders[0]

    # -- Python programs -------------------------------------------------------------------------

    def run_python(self) -> None:
        """Every program on every interpreter, and the empty one, whose costs are shown apart."""
        for contender in self.contenders:
            for program in ("nothing", *PROGRAMS):
                if self.wants("python", program):
                    group = "start" if program == "nothing" else "python"
                    arguments = [] if group == "start" else [str(self.plan.size)]
                    self.measure(
                        Question(group, contender.interpreter.label, program, self.plan.size),
                        self._starts(contender, program, arguments),
                        self.plan.rounds,
                        lambda output: (output, {}),
                        self._with_peers(self.plan.peer_rounds),
                    )
                    self._say(contender.interpreter.label, group, program, "wall")

    def run_residency(self) -> None:
        """What stays resident after freeing."""

        def read(output: str) -> tuple[str, Measures]:
            said = json.loads(output)
            return str(said["checksum"]), said["resident"]

        size = self.plan.residency_size
        for contender in self.contenders:
            for what in FREED:
                if self.wants("residency", what):
                    self.measure(
                        Question("residency", contender.interpreter.label, what, size),
                        self._starts(contender, "residency", [str(size), what]),
                        self.plan.residency_rounds,
                        read,
                        self._with_peers(1),
                    )
                    self._say(contender.interpreter.label, "residency", what, "quiet")

    def _starts(self, contender: Contender, program: str, arguments: list[str]) -> dict[str, Start]:
        """How each allocator starts a program on contender's interpreter."""
        with_peers = self.plan.peers_everywhere or contender is self.reference
        chosen = [Allocator(LAIR), Allocator(BASELINE), *(self.peers if with_peers else [])]
        script = BENCH / "programs" / f"{program}.py"
        return {
            each.name: Start(
                contender.command(each.name, script, arguments),
                each.environment | {"BENCH_DOCUMENTS": str(self.documents)},
            )
            for each in chosen
        }

    # -- the C churn set -------------------------------------------------------------------------

    def run_churn(self) -> None:
        """The churn set on liblair, on each interpreter's own allocator, and on the peers."""

        def read(output: str) -> tuple[str, Measures]:
            checksum, nanoseconds = output.split()
            return checksum, {"work": int(nanoseconds) / 1e9}

        programs = [name for name in CHURN if self.wants("churn", name)]
        files = self._churn_files() if programs else {}
        for program in programs:
            arguments = [program, str(self.plan.size)]
            self.measure(
                Question("churn", "", program, self.plan.size),
                {
                    name: Start([file, *arguments], preload)
                    for name, (file, preload) in files.items()
                },
                self.plan.rounds,
                read,
            )
            self._say("", "churn", program, "work")

    def _churn_files(self) -> dict[str, tuple[str, dict[str, str]]]:
        """Contender -> its executable and what it preloads."""
        built = BUILD / "bench"
        files: dict[str, tuple[str, dict[str, str]]] = {LAIR: (str(built / "churn_lair"), {})}
        for contender in [self.reference, *self.contenders]:
            name = churn_name(contender.interpreter, self.reference.interpreter)
            if name not in files:
                program = BUILD / f"churn_pymalloc-{contender.interpreter.label}"
                try:
                    contender.interpreter.embed(BENCH / "churn" / "churn_pymalloc.c", program)
                    files[name] = (str(program), {})
                except LookupError as reason:
                    self.console.print(f"not measured: churn on {name}: {reason}")
                except subprocess.CalledProcessError as reason:
                    self.fail(f"churn on {name} does not build: {reason}")
        for peer in self.peers:
            preload = {key: value for key, value in peer.environment.items() if key == "LD_PRELOAD"}
            files[peer.name] = (str(built / "churn_malloc"), preload)
        return files

    def _with_peers(self, rounds: int) -> dict[str, int]:
        """The rounds in which the peers take part."""
        return {peer.name: rounds for peer in self.peers}

    # -- instructions ----------------------------------------------------------------------------

    def run_instructions(self, counter: Counter) -> None:
        """One count for each program on the reference interpreter: counts do not vary, so as many
        run at the same time as there are processors."""
        contender = self.reference
        size = self.plan.size if counter.name == "perf" else self.plan.counted_size
        jobs = [
            (program, allocator)
            for program in PROGRAMS
            if self.wants("instructions", program)
            for allocator in (Allocator(LAIR), Allocator(BASELINE))
        ]

        def count(job: tuple[str, Allocator]) -> int | None:
            program, allocator = job
            script = BENCH / "programs" / f"{program}.py"
            command = contender.command(allocator.name, script, [str(size)])
            try:
                return counter.count(command, {"BENCH_DOCUMENTS": str(self.documents)})
            except (ValueError, subprocess.CalledProcessError) as reason:
                self.fail(f"instructions of {program} on {allocator.name}: {reason}")
                return None

        with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
            for (program, allocator), counted in zip(jobs, pool.map(count, jobs), strict=True):
                if counted is not None:
                    label = contender.interpreter.label
                    row = self.rows.row("instructions", label, program, allocator.name, size)
                    row.runs.append({"instructions": counted})
                    if allocator.name == BASELINE:
                        self._say(label, "instructions", program, "instructions")

    # -- what is said on the way -----------------------------------------------------------------

    def _say(self, label: str, group: str, program: str, measure: str) -> None:
        ratio = self.rows.ratio(group, label, program, LAIR, BASELINE, measure)
        shown = "-" if ratio is None else f"{ratio:.3f}"
        self.console.print(f"  {label or 'C':<12} {group:<13} {program:<12} lair {shown}")


def churn_name(interpreter: Interpreter, reference: Interpreter) -> str:
    """The baseline is the reference interpreter's own allocator; others carry their label."""
    return BASELINE if interpreter == reference else f"{BASELINE} {interpreter.label}"


# -- the driver: read this first ----------------------------------------------------------------


def main(arguments: list[str] | None = None) -> int:
    """0 when everything ran and did the same work; 1 when something failed; 2 on bad input.
    Missing a target is a finding, not a failure."""
    options = parse(arguments)
    console = tables.terminal()
    try:
        interpreters = find_interpreters(options.python, console)
        contenders = [prepare(interpreter, CHECKOUT, console) for interpreter in interpreters]
        documents = inputs.documents()
    except (LookupError, OSError, subprocess.CalledProcessError) as fault:
        print(f"bench/heap.py: {fault}", file=sys.stderr)
        return 2
    peers, missing = find_peers(contenders[0].environment.python, options.peers)
    for name, reason in missing.items():
        console.print(f"not measured: {name}: {reason}")
    plan = Plan.quick(options.rounds) if options.quick else Plan.full(options.rounds)
    study = HeapStudy(console, options.only, plan, contenders, peers, documents)

    counter = find_counter()
    study.run_python()
    study.run_residency()
    study.run_churn()
    if counter is None:
        console.print("not countable here: instructions (neither perf nor valgrind counts them)")
    else:
        study.run_instructions(counter)

    reference = study.reference.interpreter
    roles = {each.role: each.label for each in interpreters}
    figures = heap_figures.figures(study.rows, roles, reference.label)
    heap_figures.show(console, study.rows, roles, [peer.name for peer in peers], figures)
    return study.close(
        "heap",
        options,
        asdict(plan),
        interpreters,
        figures,
        {
            "lair": machine.first_line_of([contenders[0].environment.lair, "--version"]),
            "lair_options": LIMIT,
            "peers": {peer.name: peer.version for peer in peers},
            "missing_peers": missing,
            "instructions_by": counter.name if counter else None,
        },
    )


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    known = {*GROUPS, *PROGRAMS, *FREED, *CHURN}
    listed = f"groups ({','.join(GROUPS)}) or programs"
    reader = common_parser("bench/heap.py", __doc__, 5, RECORD, known, listed)
    reader.add_argument(
        "--peers",
        type=names(PEERS, none=True),
        default=list(PEERS),
        metavar="NAMES",
        help=f"peers to measure: some of {','.join(PEERS)}, or none",
    )
    return settle(reader, arguments)


if __name__ == "__main__":
    sys.exit(main())
