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
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path

import heap_figures
from harness import inputs, machine, record
from harness.allocators import BASELINE, LAIR, PEERS, Allocator, find_peers
from harness.contenders import LIMIT, SOURCE_BUILDS, Contender, find_interpreters, prepare
from harness.instructions import Counter, find_counter
from harness.interpreters import Interpreter
from harness.record import Rows
from harness.runs import Run, RunError, run_once
from harness.turns import Turn, in_turns
from rich.console import Console

BENCH = Path(__file__).resolve().parent
CHECKOUT = BENCH.parent
BUILD = CHECKOUT / "build" / "bench"
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


@dataclass(frozen=True)
class Start:
    """How a program is started."""

    command: list[str]
    environment: dict[str, str]


@dataclass(frozen=True)
class Question:
    """A program on an interpreter: what the allocators are compared on."""

    group: str
    label: str  # of the interpreter; "" for C programs
    program: str
    size: int

    def __str__(self) -> str:
        return " ".join(filter(None, (self.label, self.group, self.program)))


Measures = dict[str, float | int | str]


@dataclass
class Study:
    """One run of the benchmark: what there is to measure, and what was found."""

    console: Console
    plan: Plan
    only: set[str]
    contenders: list[Contender]
    peers: list[Allocator]
    documents: Path
    rows: Rows = field(default_factory=Rows)
    checksums: dict[Question, tuple[str, str]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    @property
    def reference(self) -> Contender:
        """The interpreter of the headline figures: 3.13 where there is one."""
        for contender in self.contenders:
            if contender.interpreter.role == "python313":
                return contender
        return self.contenders[0]

    def wants(self, group: str, program: str) -> bool:
        return not self.only or bool(self.only & {group, program})

    # -- Python programs -------------------------------------------------------------------------

    def run_python(self) -> None:
        """Every program on every interpreter, and the empty one, whose costs are shown apart."""
        for contender in self.contenders:
            for program in ("nothing", *PROGRAMS):
                if self.wants("python", program):
                    group = "start" if program == "nothing" else "python"
                    arguments = [] if group == "start" else [str(self.plan.size)]
                    self._measure(
                        Question(group, contender.interpreter.label, program, self.plan.size),
                        self._starts(contender, program, arguments),
                        (self.plan.rounds, self.plan.peer_rounds),
                        lambda output: (output, {}),
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
                    self._measure(
                        Question("residency", contender.interpreter.label, what, size),
                        self._starts(contender, "residency", [str(size), what]),
                        (self.plan.residency_rounds, 1),
                        read,
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
            self._measure(
                Question("churn", "", program, self.plan.size),
                {
                    name: Start([file, *arguments], preload)
                    for name, (file, preload) in files.items()
                },
                (self.plan.rounds, self.plan.rounds),
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
                    self._fail(f"churn on {name} does not build: {reason}")
        for peer in self.peers:
            preload = {key: value for key, value in peer.environment.items() if key == "LD_PRELOAD"}
            files[peer.name] = (str(built / "churn_malloc"), preload)
        return files

    # -- one program, in turns -------------------------------------------------------------------

    def _measure(
        self,
        question: Question,
        starts: dict[str, Start],
        rounds: tuple[int, int],
        read: Callable[[str], tuple[str, Measures]],
    ) -> None:
        """Runs a program on every allocator in turns. rounds: of all, and those with the peers.
        read: output -> checksum and further measures. An allocator on which the program fails, or
        does other work than on the first, is noted and left out from there on."""
        out: set[str] = set()
        part = {peer.name: rounds[1] for peer in self.peers}
        for turn in in_turns(list(starts), rounds[0], part):
            if turn.name in out:
                continue
            start = starts[turn.name]
            try:
                run = run_once(start.command, start.environment)
                checksum, further = read(run.output)
                self._same_work(question, turn.name, checksum)
            except (RunError, ValueError) as failure:
                self._fail(f"{question} on {turn.name}: {failure}")
                out.add(turn.name)
                continue
            row = self.rows.row(
                question.group, question.label, question.program, turn.name, question.size
            )
            row.runs.append(_raw(turn, run) | further)

    def _same_work(self, question: Question, allocator: str, checksum: str) -> None:
        """ValueError when a run's checksum is not that of the first run of the program."""
        first, known = self.checksums.setdefault(question, (allocator, checksum))
        if known != checksum:
            raise ValueError(f"checksum {checksum}, but {known} on {first}")

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
                self._fail(f"instructions of {program} on {allocator.name}: {reason}")
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

    def _fail(self, sentence: str) -> None:
        self.failures.append(sentence)
        self.console.print(f"  [red]failed[/]: {sentence}", soft_wrap=True)


def churn_name(interpreter: Interpreter, reference: Interpreter) -> str:
    """The baseline is the reference interpreter's own allocator; others carry their label."""
    return BASELINE if interpreter == reference else f"{BASELINE} {interpreter.label}"


def _raw(turn: Turn, run: Run) -> Measures:
    return {
        "round": turn.round,
        "place": turn.place,
        "wall": run.wall,
        "cpu": run.user + run.system,
        "system": run.system,
        "peak_rss": run.peak_rss,
    }


# -- the driver: read this first ----------------------------------------------------------------


def main(arguments: list[str] | None = None) -> int:
    """0 when everything ran and did the same work; 1 when something failed; 2 on bad input.
    Missing a target is a finding, not a failure."""
    options = parse(arguments)
    console = Console(width=None if sys.stdout.isatty() else 120, highlight=False)
    started = time.time()
    try:
        interpreters = find_interpreters(options.python)
        contenders = [prepare(interpreter, CHECKOUT, console) for interpreter in interpreters]
        documents = inputs.source_distribution(
            BENCH / "requirements.txt", "docutils", BUILD / "input"
        )
    except (LookupError, OSError, subprocess.CalledProcessError) as fault:
        print(f"bench/heap.py: {fault}", file=sys.stderr)
        return 2
    wanted = set(SOURCE_BUILDS) if not options.python else set()
    for version in sorted(wanted - {each.minor for each in interpreters if not each.distribution}):
        console.print(f"not measured: no build of CPython {version} from source was found")
    peers, missing = find_peers(contenders[0].environment.python, options.peers)
    for name, reason in missing.items():
        console.print(f"not measured: {name}: {reason}")
    plan = Plan.quick(options.rounds or 1) if options.quick else Plan.full(options.rounds or 5)
    study = Study(console, plan, options.only, contenders, peers, documents / "docs")

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
    record.write(
        options.output,
        {
            "benchmark": "heap",
            "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(started)),
            "seconds": round(time.time() - started),
            "quick": options.quick,
            "plan": asdict(plan),
            "lair": machine.first_line_of([contenders[0].environment.lair, "--version"]),
            "lair_options": LIMIT,
            "machine": machine.facts(CHECKOUT),
            "interpreters": [each.as_json() for each in interpreters],
            "peers": {peer.name: peer.version for peer in peers},
            "missing_peers": missing,
            "instructions_by": counter.name if counter else None,
            "rows": study.rows.as_json(),
            "summary": record.summary(figures),
            "failures": study.failures,
        },
    )
    console.print(f"raw runs and figures: {options.output}  ({time.time() - started:.0f} s)")
    for failure in study.failures:
        print(f"bench/heap.py: failed: {failure}", file=sys.stderr)
    return 1 if study.failures else 0


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/heap.py", description=__doc__.split("\n\n")[0])
    known = {*GROUPS, *PROGRAMS, *FREED, *CHURN}

    def names(valid: set[str]) -> Callable[[str], list[str]]:
        def split(text: str) -> list[str]:
            chosen = [] if text == "none" else text.split(",")
            for name in chosen:
                if name not in valid:
                    listed = ", ".join(sorted(valid))
                    raise argparse.ArgumentTypeError(f"{name!r} is none of: {listed}")
            return chosen

        return split

    def positive(text: str) -> int:
        if not text.isdigit() or int(text) == 0:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1")
        return int(text)

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
        "--peers",
        type=names(set(PEERS)),
        default=list(PEERS),
        metavar="NAMES",
        help=f"peers to measure: some of {','.join(PEERS)}, or none",
    )
    parser.add_argument(
        "--only",
        type=names(known),
        default=[],
        metavar="NAMES",
        help=f"only these groups ({','.join(GROUPS)}) or programs, separated by commas",
    )
    parser.add_argument("--output", type=Path, default=RECORD, metavar="FILE", help="the record")
    options = parser.parse_args(arguments)
    options.only = set(options.only)
    options.python = options.python or os.environ.get("PYTHONS", "").split()
    return options


if __name__ == "__main__":
    sys.exit(main())
