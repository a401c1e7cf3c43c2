"""What a benchmark leaves behind: rows with their raw runs, figures with targets, a JSON file."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median

from harness.stats import geomean, ratio_of_medians, spread, worst

Measures = dict[str, float | int | str]  # of one run

# Measures whose spread is worth telling.
_TIMES = ("wall", "ns")

NOT_MEASURED = "not measured in this run"


@dataclass
class Row:
    """One program under one allocator on one interpreter."""

    group: str  # what is measured, by the name of the benchmark: "python", "residency", "time"
    interpreter: str  # label; "" for C programs
    program: str
    allocator: str
    size: int
    runs: list[Measures] = field(default_factory=list)  # raw, in the order made

    def values(self, measure: str) -> list[float]:
        """One measure of all runs that have it."""
        return [float(run[measure]) for run in self.runs if measure in run]

    def median(self, measure: str) -> float | None:
        """The median of one measure; None when no run has it."""
        values = self.values(measure)
        return median(values) if values else None

    def as_json(self) -> dict[str, object]:
        numbers = [name for name, value in self.runs[0].items() if not isinstance(value, str)]
        measures = [name for name in numbers if name not in ("round", "place")]
        return {
            **asdict(self),
            "medians": {name: median(self.values(name)) for name in measures},
            "spreads": {name: spread(self.values(name)) for name in measures if name in _TIMES},
        }


class Rows:
    """All rows, found by what they are."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str, str, str], Row] = {}

    def row(self, group: str, interpreter: str, program: str, allocator: str, size: int) -> Row:
        """The row, new when there was none."""
        key = (group, interpreter, program, allocator)
        if key not in self._rows:
            self._rows[key] = Row(*key, size)
        return self._rows[key]

    def find(self, group: str, interpreter: str, program: str, allocator: str) -> Row | None:
        return self._rows.get((group, interpreter, program, allocator))

    def median(
        self, group: str, interpreter: str, program: str, allocator: str, measure: str
    ) -> float | None:
        """The median of a row's measure; None when there is no such measurement."""
        row = self.find(group, interpreter, program, allocator)
        return None if row is None else row.median(measure)

    def programs(self, group: str, interpreter: str) -> list[str]:
        """Names in the order in which they were first run."""
        ours = (row for row in self._rows.values() if row.group == group)
        return list(dict.fromkeys(row.program for row in ours if row.interpreter == interpreter))

    def ratio(
        self,
        group: str,
        interpreter: str,
        program: str,
        allocator: str,
        baseline: str,
        measure: str,
    ) -> float | None:
        """Ratio of medians to the baseline; None when either has no such measurement."""
        ours = self.find(group, interpreter, program, allocator)
        theirs = self.find(group, interpreter, program, baseline)
        if ours is None or theirs is None:
            return None
        if not ours.values(measure) or not theirs.values(measure):
            return None
        return ratio_of_medians(ours.values(measure), theirs.values(measure))

    def ratios(
        self, group: str, interpreter: str, allocator: str, baseline: str, measure: str
    ) -> dict[str, float]:
        """Program -> ratio, for those that have one."""
        found = {}
        for program in self.programs(group, interpreter):
            ratio = self.ratio(group, interpreter, program, allocator, baseline, measure)
            if ratio is not None:
                found[program] = ratio
        return found

    def as_json(self) -> list[dict[str, object]]:
        return [row.as_json() for row in self._rows.values() if row.runs]


@dataclass(frozen=True)
class Figure:
    """One number that answers the question, and what it should be."""

    key: str
    value: float | None  # None: not measured; note says why
    target: float | None = None  # at most; None: for information
    note: str = ""

    @staticmethod
    def mean_of(
        key: str, ratios: Mapping[str, float], target: float | None = None, note: str = ""
    ) -> "Figure":
        """The geometric mean of ratios by row; not measured when there is none."""
        if not ratios:
            return Figure(key, None, target, NOT_MEASURED)
        counted = f"{len(ratios)} rows"
        note = f"{counted}; {note}" if note else counted
        return Figure(key, geomean(ratios.values()), target, note)

    @staticmethod
    def worst_of(key: str, values: Mapping[str, float], target: float | None = None) -> "Figure":
        """The largest of values by row, with the row's name; not measured when there is none."""
        if not values:
            return Figure(key, None, target, NOT_MEASURED)
        name, value = worst(values)
        return Figure(key, value, target, name)

    @property
    def met(self) -> bool | None:
        """None when there is no target, or nothing to compare with it."""
        if self.value is None or self.target is None:
            return None
        return self.value <= self.target


def summary(figures: Sequence[Figure]) -> dict[str, dict[str, object]]:
    """Figures by key."""
    return {
        each.key: {
            "value": each.value,
            "target": each.target,
            "met": each.met,
            "note": each.note,
        }
        for each in figures
    }


def write(file: Path, record: dict[str, object]) -> None:
    """Writes a record; the folder is made where it is missing."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
