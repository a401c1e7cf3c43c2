"""One run of a benchmark: programs in turns, checked for the same work, and the record at the end.

A benchmark derives its own Study, says what to measure and what the figures are; the rules that
hold for every one of them are here.
"""

import sys
import time
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from rich.console import Console

from harness import CHECKOUT, machine, record
from harness.interpreters import Interpreter
from harness.record import Figure, Measures, Rows
from harness.runs import Run, RunError, run_once
from harness.turns import Turn, in_turns


@dataclass(frozen=True)
class Start:
    """How a program is started."""

    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Question:
    """A program on an interpreter: what the contenders are compared on."""

    group: str
    label: str  # of the interpreter; "" for C programs
    program: str
    size: int

    def __str__(self) -> str:
        return " ".join(filter(None, (self.label, self.group, self.program)))


@dataclass
class Study:
    """What was measured, and what failed."""

    console: Console
    only: set[str]  # groups and programs; empty: all
    rows: Rows = field(init=False, default_factory=Rows)
    failures: list[str] = field(init=False, default_factory=list)
    checksums: dict[Question, tuple[str, str]] = field(init=False, default_factory=dict)
    started: float = field(init=False, default_factory=time.time)

    def wants(self, *names: str) -> bool:
        """Whether what goes by these names is to be measured."""
        return not self.only or not self.only.isdisjoint(names)

    def measure(
        self,
        question: Question,
        starts: Mapping[str, Start],
        rounds: int,
        read: Callable[[str], tuple[str, Measures]],
        part: dict[str, int] | None = None,
    ) -> None:
        """Runs a program on every contender in turns. read: output -> checksum and further
        measures (ValueError or KeyError when it is not what it should be). part: rounds in which
        a contender takes part, where not in all. One on which the program fails, or does other
        work than on the first, is noted and left out from there on."""
        out: set[str] = set()
        for turn in in_turns(list(starts), rounds, part):
            if turn.name in out:
                continue
            start = starts[turn.name]
            try:
                run = run_once(start.command, start.environment)
                checksum, further = read(run.output)
                self._same_work(question, turn.name, checksum)
            except (RunError, ValueError, KeyError) as failure:
                self.fail(f"{question} on {turn.name}: {failure}")
                out.add(turn.name)
                continue
            row = self.rows.row(
                question.group, question.label, question.program, turn.name, question.size
            )
            row.runs.append(_raw(turn, run) | further)

    def _same_work(self, question: Question, contender: str, checksum: str) -> None:
        """ValueError when a run's checksum is not that of the first run of the program."""
        first, known = self.checksums.setdefault(question, (contender, checksum))
        if known != checksum:
            raise ValueError(f"checksum {checksum}, but {known} on {first}")

    def fail(self, sentence: str) -> None:
        """Notes that something failed; the rest is still measured."""
        self.failures.append(sentence)
        self.console.print(f"  [red]failed[/]: {sentence}", soft_wrap=True, highlight=False)

    def close(
        self,
        benchmark: str,
        options: Namespace,
        plan: Mapping[str, object],
        interpreters: Sequence[Interpreter],
        figures: Sequence[Figure],
        further: Mapping[str, object],
    ) -> int:
        """Writes the record and says where it is. The exit code: 1 when something failed, else 0.
        further: what this benchmark alone has to say."""
        seconds = round(time.time() - self.started)
        record.write(
            options.output,
            {
                "benchmark": benchmark,
                "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.started)),
                "seconds": seconds,
                "quick": options.quick,
                "plan": plan,
                **further,
                "machine": machine.facts(CHECKOUT),
                "interpreters": [each.as_json() for each in interpreters],
                "rows": self.rows.as_json(),
                "summary": record.summary(figures),
                "failures": self.failures,
            },
        )
        self.console.print(f"raw runs and figures: {options.output}  ({seconds} s)")
        for failure in self.failures:
            print(f"bench/{benchmark}.py: failed: {failure}", file=sys.stderr)
        return 1 if self.failures else 0


def _raw(turn: Turn, run: Run) -> Measures:
    return {
        "round": turn.round,
        "place": turn.place,
        "wall": run.wall,
        "cpu": run.user + run.system,
        "system": run.system,
        "peak_rss": run.peak_rss,
    }
