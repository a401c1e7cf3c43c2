"""The figures of bench/objects.py: what is asked of the object model, and the tables."""

from collections.abc import Sequence
from statistics import median

from harness.record import Figure, Rows
from harness.stats import geomean
from harness.tables import Beside, Unit, show_figures
from rich.console import Console

LAIR = "lair"
SEGREGATED = "segregated"
GLIB = "glib"
MALLOC = "malloc"
_CPYTHON = "cpython "  # begins the names of contenders on an interpreter

# What a group's rows are compared by.
MEASURES = {"time": "ns", "bytes": "bytes"}

# Targets: at most.
_TIME_CPYTHON = 0.6
_WORST_CPYTHON = 1.0
_BYTES_CPYTHON = 0.8
_TIME_GLIB = 1.0
_COPIED_SEGREGATED = 0.1

# copy.deepcopy is written in Python: told apart, in no mean.
_APART = "deep-copy"


def figures(rows: Rows, names: Sequence[str]) -> list[Figure]:
    """All figures. names: of the contenders of this run."""
    found = []
    for name in names:
        if name.startswith(_CPYTHON):
            found += _beside_cpython(rows, name)
    if GLIB in names:
        times = _ratios(rows, "time", LAIR, GLIB)
        found.append(Figure.mean_of("glib_time_geomean", times, _TIME_GLIB))
        found.append(Figure.worst_of("glib_time_worst", times))
        processor = _ratios(rows, "time", LAIR, GLIB, "processor_ns")
        found.append(Figure.mean_of("glib_processor_geomean", processor))
        found.append(Figure.mean_of("glib_bytes_geomean", _ratios(rows, "bytes", LAIR, GLIB)))
    found.append(Figure.mean_of("malloc_time_geomean", _ratios(rows, "time", LAIR, MALLOC)))
    found.append(Figure.mean_of("malloc_bytes_geomean", _ratios(rows, "bytes", LAIR, MALLOC)))
    if SEGREGATED in names:
        times = _ratios(rows, "time", SEGREGATED, LAIR)
        found.append(Figure.mean_of("segregated_time_geomean", times, None, "beside inline counts"))
        weights = _ratios(rows, "bytes", SEGREGATED, LAIR)
        found.append(
            Figure.mean_of("segregated_bytes_geomean", weights, None, "beside inline counts")
        )
    return found + _shared_pages(rows)


def _beside_cpython(rows: Rows, name: str) -> list[Figure]:
    key = name.replace(" ", "")
    times = _ratios(rows, "time", LAIR, name)
    weights = _ratios(rows, "bytes", LAIR, name)
    above = sum(ratio > _WORST_CPYTHON for ratio in times.values())
    return [
        Figure.mean_of(f"{key}_time_geomean", times, _TIME_CPYTHON, f"{above} above 1"),
        Figure.worst_of(f"{key}_time_worst", times, _WORST_CPYTHON),
        Figure.mean_of(
            f"{key}_processor_geomean", _ratios(rows, "time", LAIR, name, "processor_ns")
        ),
        Figure.mean_of(f"{key}_bytes_geomean", weights, _BYTES_CPYTHON),
        Figure.worst_of(f"{key}_bytes_worst", weights),
        Figure(
            f"{key}_deep_copy",
            rows.ratio("time", "", _APART, LAIR, name, "ns"),
            None,
            "against copy.deepcopy, called from C",
        ),
    ]


def _shared_pages(rows: Rows) -> list[Figure]:
    """The part of a graph's pages that a child which only reads it has to copy."""
    found = []
    for name, target in ((LAIR, None), (SEGREGATED, _COPIED_SEGREGATED)):
        row = rows.find("shared", "", "fork", name)
        if row is not None:
            key = "inline" if name == LAIR else "segregated"
            copied = 1 - median(row.values("shared"))
            note = "of the pages of a graph that a forked child reads"
            found.append(Figure(f"{key}_pages_copied", copied, target, note))
    return found


def _ratios(rows: Rows, group: str, ours: str, theirs: str, measure: str = "") -> dict[str, float]:
    found = rows.ratios(group, "", ours, theirs, measure or MEASURES[group])
    return {row: ratio for row, ratio in found.items() if row != _APART}


# -- tables --------------------------------------------------------------------------------------


def progress(rows: Rows, group: str, row: str) -> str:
    """One line on a row that has just been measured."""
    measure = MEASURES[group]
    found = rows.find(group, "", row, LAIR)
    if found is None or not found.runs:
        return f"  {group:<6} {row:<24} -"
    return f"  {group:<6} {row:<24} lair {median(found.values(measure)):.1f} {measure}"


def show(console: Console, rows: Rows, names: Sequence[str], found: Sequence[Figure]) -> None:
    """Prints the tables, the figures last."""
    others = [name for name in names if name != LAIR]
    for group, title in (
        ("time", "nanoseconds per operation; lair's ratio"),
        ("bytes", "resident bytes per object; lair's ratio"),
    ):
        measure = MEASURES[group]
        unit = Unit(measure, digits=1)
        ratios = {name: _ratios(rows, group, LAIR, name) for name in others}
        means = {name: geomean(found.values()) if found else None for name, found in ratios.items()}
        Beside(title, group, "", measure, unit, LAIR, others, True).show(console, rows, means)
    show_figures(console, found)
