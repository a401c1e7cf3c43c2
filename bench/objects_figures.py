"""The figures of bench/objects.py: what is asked of the object model, and the tables."""

from collections.abc import Sequence
from statistics import median

from harness.record import Figure, Rows
from harness.stats import geomean, worst
from harness.tables import cell, show_figures
from rich.console import Console
from rich.table import Table

LAIR = "lair"
SEGREGATED = "segregated"
GLIB = "glib"
MALLOC = "malloc"
_CPYTHON = "cpython "

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


def cpython_name(role: str) -> str:
    """How the contender on an interpreter is called: cpython 313, cpython pgo."""
    return _CPYTHON + role.removeprefix("python")


def figures(rows: Rows, names: Sequence[str]) -> list[Figure]:
    """All figures. names: of the contenders of this run."""
    found = []
    for name in names:
        if name.startswith(_CPYTHON):
            found += _beside_cpython(rows, name)
    if GLIB in names:
        times = _ratios(rows, "time", LAIR, GLIB)
        found.append(_geomean("glib_time_geomean", times, _TIME_GLIB))
        found.append(_worst("glib_time_worst", times))
        processor = _ratios(rows, "time", LAIR, GLIB, "processor_ns")
        found.append(_geomean("glib_processor_geomean", processor))
        found.append(_geomean("glib_bytes_geomean", _ratios(rows, "bytes", LAIR, GLIB)))
    found.append(_geomean("malloc_time_geomean", _ratios(rows, "time", LAIR, MALLOC)))
    found.append(_geomean("malloc_bytes_geomean", _ratios(rows, "bytes", LAIR, MALLOC)))
    if SEGREGATED in names:
        times = _ratios(rows, "time", SEGREGATED, LAIR)
        found.append(_geomean("segregated_time_geomean", times, None, "beside inline counts"))
        weights = _ratios(rows, "bytes", SEGREGATED, LAIR)
        found.append(_geomean("segregated_bytes_geomean", weights, None, "beside inline counts"))
    return found + _shared_pages(rows)


def _beside_cpython(rows: Rows, name: str) -> list[Figure]:
    key = name.replace(" ", "")
    times = _ratios(rows, "time", LAIR, name)
    weights = _ratios(rows, "bytes", LAIR, name)
    above = sum(ratio > _WORST_CPYTHON for ratio in times.values())
    return [
        _geomean(f"{key}_time_geomean", times, _TIME_CPYTHON, f"{above} above 1"),
        _worst(f"{key}_time_worst", times, _WORST_CPYTHON),
        _geomean(f"{key}_processor_geomean", _ratios(rows, "time", LAIR, name, "processor_ns")),
        _geomean(f"{key}_bytes_geomean", weights, _BYTES_CPYTHON),
        _worst(f"{key}_bytes_worst", weights),
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


def _geomean(
    key: str, ratios: dict[str, float], target: float | None = None, note: str = ""
) -> Figure:
    if not ratios:
        return Figure(key, None, target, "not measured in this run")
    of = f"{len(ratios)} rows"
    return Figure(key, geomean(ratios.values()), target, f"{of}; {note}" if note else of)


def _worst(key: str, ratios: dict[str, float], target: float | None = None) -> Figure:
    if not ratios:
        return Figure(key, None, target, "not measured in this run")
    name, ratio = worst(ratios)
    return Figure(key, ratio, target, name)


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
    _show_group(console, rows, "time", names, "nanoseconds per operation; lair's ratio")
    _show_group(console, rows, "bytes", names, "resident bytes per object; lair's ratio")
    show_figures(console, found)


def _show_group(console: Console, rows: Rows, group: str, names: Sequence[str], title: str) -> None:
    """Lair's medians; for every other contender its own, and Lair's ratio to it."""
    measure = MEASURES[group]
    shown = rows.programs(group, "")
    if not shown:
        return
    others = [name for name in names if name != LAIR]
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("row", no_wrap=True, min_width=max(map(len, shown)))
    for name in (LAIR, *(each for other in others for each in (other, "ratio"))):
        table.add_column(name, justify="right")
    for row in shown:
        ours = rows.find(group, "", row, LAIR)
        cells = [f"{median(ours.values(measure)):.1f}" if ours and ours.runs else "-"]
        for name in others:
            theirs = rows.find(group, "", row, name)
            ratio = rows.ratio(group, "", row, LAIR, name, measure)
            cells.append(f"{median(theirs.values(measure)):.1f}" if theirs and theirs.runs else "-")
            cells.append(cell(ratio))
        table.add_row(row, *cells)
    means = [_ratios(rows, group, LAIR, name) for name in others]
    cells = [
        part for mean in means for part in ("", cell(geomean(mean.values()) if mean else None))
    ]
    table.add_row("[bold]geomean[/]", "", *(f"[bold]{part}[/]" if part else "" for part in cells))
    console.print()
    console.print(table)
