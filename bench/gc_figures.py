"""The figures of bench/gc.py: what is asked of the collector, and the tables that show it."""

from collections.abc import Sequence

from harness.allocators import BASELINE
from harness.record import Figure, Rows
from harness.stats import geomean, worst
from harness.tables import cell, show_figures
from rich.console import Console
from rich.table import Table

GROUPS = ("clean", "garbage", "program")

# Targets: at most, in ratios to the stock collector.
_CLEAN = 0.15
_CLEAN_WORST = 0.30
_GARBAGE = 0.40
_CPU = 0.80
_CPU_WORST = 1.05
_PEAK = {"auto": 1.05, "incremental": 1.10}


def group_of(garbage: int) -> str:
    """The group of full collections with so many % of garbage."""
    return "garbage" if garbage else "clean"


def figures(rows: Rows, roles: dict[str, str], modes: Sequence[str]) -> list[Figure]:
    """All figures. roles: "python313", "python311", "pgo" -> label of the interpreter."""
    found = []
    for role, label in roles.items():
        clean = rows.ratios("clean", label, modes[0], BASELINE, "collect")
        garbage = rows.ratios("garbage", label, modes[0], BASELINE, "collect")
        found += [
            _geomean(f"{role}_full_clean_geomean", clean, _CLEAN),
            _worst(f"{role}_full_clean_worst", clean, _CLEAN_WORST),
            _geomean(f"{role}_full_garbage_geomean", garbage, _GARBAGE),
        ]
        for mode in modes:
            name = f"{role}_{mode}"
            cpu = rows.ratios("program", label, mode, BASELINE, "cpu")
            peak = rows.ratios("program", label, mode, BASELINE, "peak_rss")
            longest = rows.ratios("program", label, mode, BASELINE, "longest")
            found += [
                _geomean(f"{name}_longest_step_geomean", longest, None),
                _geomean(f"{name}_cpu_geomean", cpu, _CPU),
                _worst(f"{name}_cpu_worst", cpu, _CPU_WORST),
                _geomean(f"{name}_peak_rss_geomean", peak, _PEAK.get(mode)),
            ]
    return found


def _geomean(key: str, ratios: dict[str, float], target: float | None) -> Figure:
    if not ratios:
        return Figure(key, None, target, "not measured in this run")
    return Figure(key, geomean(ratios.values()), target, f"{len(ratios)} rows")


def _worst(key: str, ratios: dict[str, float], target: float | None) -> Figure:
    if not ratios:
        return Figure(key, None, target, "not measured in this run")
    name, ratio = worst(ratios)
    return Figure(key, ratio, target, name)


def show(
    console: Console,
    rows: Rows,
    roles: dict[str, str],
    modes: Sequence[str],
    found: Sequence[Figure],
) -> None:
    """Prints a table for each interpreter, and the figures."""
    for label in roles.values():
        _show_full(console, rows, label, modes[0])
        _show_programs(console, rows, label, modes)
    show_figures(console, found)


def _milliseconds(rows: Rows, group: str, label: str, program: str, name: str, of: str) -> str:
    row = rows.find(group, label, program, name)
    values = sorted(row.values(of)) if row else []
    return f"{values[len(values) // 2] * 1000:.1f}" if values else "-"


def _show_full(console: Console, rows: Rows, label: str, mode: str) -> None:
    for group, title in (("clean", "without garbage"), ("garbage", "with garbage")):
        programs = rows.programs(group, label)
        if not programs:
            continue
        table = Table(
            title=f"{label}: full collections {title}, ms", title_justify="left", box=None
        )
        for name in ("heap", "stock", "lair", "ratio"):
            table.add_column(name, justify="left" if name == "heap" else "right")
        for program in programs:
            table.add_row(
                program,
                _milliseconds(rows, group, label, program, BASELINE, "collect"),
                _milliseconds(rows, group, label, program, mode, "collect"),
                cell(rows.ratio(group, label, program, mode, BASELINE, "collect")),
            )
        console.print()
        console.print(table)


def _show_programs(console: Console, rows: Rows, label: str, modes: Sequence[str]) -> None:
    programs = rows.programs("program", label)
    if not programs:
        return
    table = Table(title=f"{label}: programs", title_justify="left", box=None)
    table.add_column("program")
    table.add_column("longest step, ms: stock", justify="right")
    for mode in modes:
        for name in (f"{mode}", "99.9 %", "cpu", "peak"):
            table.add_column(name, justify="right")
    for program in programs:
        cells = [_milliseconds(rows, "program", label, program, BASELINE, "longest")]
        for mode in modes:
            cells += [
                _milliseconds(rows, "program", label, program, mode, "longest"),
                _milliseconds(rows, "program", label, program, mode, "p999"),
                cell(rows.ratio("program", label, program, mode, BASELINE, "cpu")),
                cell(rows.ratio("program", label, program, mode, BASELINE, "peak_rss")),
            ]
        table.add_row(program, *cells)
    console.print()
    console.print(table)
