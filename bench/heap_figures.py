"""The figures of bench/heap.py: what is asked of the heap, and the tables that show it."""

from collections.abc import Sequence

from harness.allocators import BASELINE, LAIR
from harness.record import NOT_MEASURED, Figure, Rows
from harness.stats import geomean
from harness.tables import cell, show_figures
from rich.console import Console
from rich.table import Table

# Targets: at most, in ratios to CPython's own allocator.
_TIME_313 = 0.95
_TIME_ELSEWHERE = 0.99
_WORST_313 = 1.05
_INSTRUCTIONS_313 = 0.92
_PEAK_313 = 1.03
_FREED_313 = {"all": 1.0, "most": 0.65}
_CHURN = 0.6

_FREED_KEYS = {"all": "free_all", "half": "half", "most": "all_but_1pct"}


def figures(rows: Rows, roles: dict[str, str], reference: str) -> list[Figure]:
    """All figures. roles: "python313", "python311", "pgo" -> label of the interpreter."""
    found = []
    for role in ("python313", "python311", "pgo"):
        label = roles.get(role)
        if label is None:
            note = "no such interpreter in this run"
            found.append(Figure(f"{role}_time_geomean", None, _time_target(role), note))
            continue
        found += _of_interpreter(rows, role, label)
    found.append(
        Figure.mean_of(
            "c_churn_geomean",
            rows.ratios("churn", "", LAIR, BASELINE, "work"),
            _CHURN,
            f"baseline: the allocator of {reference}",
        )
    )
    return found


def _of_interpreter(rows: Rows, role: str, label: str) -> list[Figure]:
    headline = role == "python313"
    times = rows.ratios("python", label, LAIR, BASELINE, "wall")
    found = [
        Figure.mean_of(f"{role}_time_geomean", times, _time_target(role)),
        Figure.worst_of(f"{role}_time_worst", times, _WORST_313 if headline else None),
        Figure.mean_of(f"{role}_cpu_geomean", rows.ratios("python", label, LAIR, BASELINE, "cpu")),
    ]
    instructions = rows.ratios("instructions", label, LAIR, BASELINE, "instructions")
    if instructions or headline:
        target = _INSTRUCTIONS_313 if headline else None
        found.append(Figure.mean_of(f"{role}_instructions_geomean", instructions, target))
    peaks = rows.ratios("python", label, LAIR, BASELINE, "peak_rss")
    found += [
        Figure.mean_of(f"{role}_peak_rss_geomean", peaks, _PEAK_313 if headline else None),
        Figure.worst_of(f"{role}_peak_rss_worst", peaks),
    ]
    for what, key in _FREED_KEYS.items():
        target = _FREED_313.get(what) if headline else None
        for measure, suffix, goal in (("quiet", "", target), ("freed", "_at_once", None)):
            ratio = rows.ratio("residency", label, what, LAIR, BASELINE, measure)
            name = f"{role}_resident_after_{key}{suffix}"
            found.append(Figure(name, ratio, goal, "" if ratio else NOT_MEASURED))
    for measure in ("wall", "peak_rss"):
        ratio = rows.ratio("start", label, "nothing", LAIR, BASELINE, measure)
        name = f"{role}_start_{'time' if measure == 'wall' else measure}"
        found.append(Figure(name, ratio, None, "an empty program" if ratio else NOT_MEASURED))
    return found


def _time_target(role: str) -> float:
    return _TIME_313 if role == "python313" else _TIME_ELSEWHERE


# -- tables --------------------------------------------------------------------------------------


def show(
    console: Console,
    rows: Rows,
    roles: dict[str, str],
    peers: Sequence[str],
    found: Sequence[Figure],
) -> None:
    """Prints every table, the figures last."""
    others = [LAIR, *peers]
    for label in roles.values():
        _show_group(console, rows, "python", label, "wall", others, f"time, CPython {label}")
        title = f"peak resident memory, CPython {label}"
        _show_group(console, rows, "python", label, "peak_rss", others, title)
        for measure, when in (("freed", "immediately"), ("quiet", "after a quiet second")):
            title = f"resident after freeing, {when}, CPython {label}"
            _show_group(console, rows, "residency", label, measure, others, title, mean=False)
        title = f"an empty program, CPython {label}: time"
        _show_group(console, rows, "start", label, "wall", others, title, mean=False)
        title = f"instructions, CPython {label}"
        _show_group(console, rows, "instructions", label, "instructions", [LAIR], title)
    extra = [f"{BASELINE} {label}" for label in roles.values()]
    _show_group(console, rows, "churn", "", "work", others + extra, "the C churn set: time")
    show_figures(console, found)


_UNITS = {"wall": (1, "s"), "work": (1, "s"), "instructions": (1e9, "G")}


def _show_group(
    console: Console,
    rows: Rows,
    group: str,
    label: str,
    measure: str,
    others: Sequence[str],
    title: str,
    mean: bool = True,
) -> None:
    """One table of ratios of medians, with the baseline's median; none when nothing was run."""
    programs = rows.programs(group, label)
    present = {name: rows.ratios(group, label, name, BASELINE, measure) for name in others}
    present = {name: ratios for name, ratios in present.items() if ratios}
    if not programs or not present:
        return
    divisor, unit = _UNITS.get(measure, (1 << 20, "MiB"))
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("program")
    table.add_column(f"{BASELINE}, {unit}", justify="right")
    for name in present:
        table.add_column(name, justify="right")
    for program in programs:
        row = rows.find(group, label, program, BASELINE)
        values = sorted(row.values(measure)) if row else []
        if not values:
            continue
        middle = values[len(values) // 2] / divisor
        cells = [cell(ratios.get(program)) for ratios in present.values()]
        table.add_row(program, f"{middle:.2f}" if unit != "MiB" else f"{middle:.0f}", *cells)
    if mean:
        means = [cell(geomean(ratios.values())) for ratios in present.values()]
        table.add_row("[bold]geomean[/]", "", *(f"[bold]{mean}[/]" for mean in means))
    console.print()
    console.print(table)
