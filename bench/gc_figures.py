"""The figures of bench/gc.py: what is asked of the collector, and the tables that show it."""

from collections.abc import Mapping, Sequence

from harness.allocators import BASELINE
from harness.record import Figure, Row, Rows
from harness.tables import MILLISECONDS, Beside, Unit, cell, show_figures
from rich.console import Console
from rich.table import Table

GROUPS = ("clean", "garbage", "program", "apart", "suite")
KINDS = ("dicts", "tree", "json")
PROGRAMS = (
    "churn_json",
    "churn_records",
    "queue",
    "requests",
    "lists",
    "btree",
    "documents",
    "old_garbage",
)
APART = ("large_clean", "large_final")  # whose garbage comes in pieces larger than a pause allows
SUITE = ("gc_collect", "gc_traversal", "async_tree")

# The stock collector, switched off: what is left of the longest steps is not the collector's.
UNCOLLECTED = "no collector"

# Targets: at most, in ratios to the stock collector.
_CLEAN = 0.15
_CLEAN_WORST = 0.30
_GARBAGE = 0.40
_CPU = 0.80
_CPU_WORST = 1.05
_PEAK = {"auto": 1.05, "incremental": 1.10}
_APART = {"incremental": {"large_clean": 0.1, "large_final": 1.0}}

# Targets: at most, in milliseconds.
_LONGEST = {"incremental": 5.0}
_P999 = {"incremental": 1.5}

# Programs whose pauses have figures of their own: the one with five million containers, and the one
# of which some garbage comes in pieces of more than 16,000 objects. Targets of pauses are for
# smaller pieces, so it is in no worst of them.
_HEAVY = "old_garbage"
_IN_LARGE_PIECES = "documents"


def group_of(garbage: int) -> str:
    """The group of full collections with so many % of garbage."""
    return "garbage" if garbage else "clean"


def figures(
    rows: Rows, roles: Mapping[str, str], modes: Mapping[str, Sequence[str]]
) -> list[Figure]:
    """All figures. roles: "python313", "python311", "pgo" -> label of the interpreter; modes:
    label -> those that were measured."""
    found = []
    for role, label in roles.items():
        first = modes[label][0]
        clean = rows.ratios("clean", label, first, BASELINE, "collect")
        garbage = rows.ratios("garbage", label, first, BASELINE, "collect")
        found += [
            Figure.mean_of(f"{role}_full_clean_geomean", clean, _CLEAN),
            Figure.worst_of(f"{role}_full_clean_worst", clean, _CLEAN_WORST),
            Figure.mean_of(f"{role}_full_garbage_geomean", garbage, _GARBAGE),
            Figure.worst_of(f"{role}_full_garbage_worst", garbage),
        ]
        for mode in modes[label]:
            found += _of_mode(rows, role, label, mode)
        found += _steps_of(rows, f"{role}_floor", label, UNCOLLECTED)
    return found


def _of_mode(rows: Rows, role: str, label: str, mode: str) -> list[Figure]:
    """What one mode gives whole programs."""
    name = f"{role}_{mode}"
    found = _steps_of(rows, name, label, mode)
    ratios = {
        measure: rows.ratios("program", label, mode, BASELINE, measure)
        for measure in ("longest", "p999", "cpu", "peak_rss")
    }
    found += [
        Figure.mean_of(f"{name}_longest_geomean", ratios["longest"]),
        Figure.mean_of(f"{name}_p999_geomean", ratios["p999"]),
        Figure.mean_of(f"{name}_cpu_geomean", ratios["cpu"], _CPU),
        Figure.worst_of(f"{name}_cpu_worst", ratios["cpu"], _CPU_WORST),
        Figure.mean_of(f"{name}_peak_rss_geomean", ratios["peak_rss"], _PEAK.get(mode)),
        Figure.worst_of(f"{name}_peak_rss_worst", ratios["peak_rss"]),
    ]
    apart = rows.ratios("apart", label, mode, BASELINE, "longest")
    for program in APART:
        target = _APART.get(mode, {}).get(program)
        ratio = {name: value for name, value in apart.items() if name == program}
        found.append(Figure.worst_of(f"{name}_{program}_longest", ratio, target))
    suite = rows.ratios("suite", label, mode, BASELINE, "seconds")
    return [
        *found,
        Figure.mean_of(f"{name}_suite_geomean", suite),
        Figure.worst_of(f"{name}_suite_worst", suite),
    ]


def _steps_of(rows: Rows, key: str, label: str, name: str) -> list[Figure]:
    """The longest steps of whole programs under a contender, in milliseconds."""
    found = []
    for measure, targets in (("longest", _LONGEST), ("p999", _P999)):
        medians = {
            program: rows.median("program", label, program, name, measure)
            for program in rows.programs("program", label)
        }
        taken = {program: 1e3 * each for program, each in medians.items() if each is not None}
        apart = {each: taken.pop(each) for each in (_IN_LARGE_PIECES,) if each in taken}
        heavy = {each: taken[each] for each in (_HEAVY,) if each in taken}
        target = targets.get(name)
        found += [
            Figure.worst_of(f"{key}_{measure}_ms", taken, target),
            Figure.worst_of(f"{key}_{_HEAVY}_{measure}_ms", heavy, target),
            Figure.worst_of(f"{key}_{_IN_LARGE_PIECES}_{measure}_ms", apart),
        ]
    return found


# -- tables --------------------------------------------------------------------------------------


def show(
    console: Console,
    rows: Rows,
    roles: Mapping[str, str],
    modes: Mapping[str, Sequence[str]],
    found: Sequence[Figure],
) -> None:
    """Prints the tables of each interpreter, and the figures."""
    for label in roles.values():
        for group, title, names, measure in (
            ("clean", "full collections without garbage", modes[label][:1], "collect"),
            ("garbage", "full collections with garbage", modes[label][:1], "collect"),
            ("suite", "pyperformance", modes[label], "seconds"),
        ):
            title = f"{label}: {title}, ms"
            table = Beside(title, group, label, measure, MILLISECONDS, BASELINE, names, False)
            table.show(console, rows)
        for mode in modes[label]:
            _show_programs(console, rows, label, mode)
    show_figures(console, found)


def _show_programs(console: Console, rows: Rows, label: str, mode: str) -> None:
    """What a mode gives whole programs: steps beside those of stock and those without any
    collection, and the ratios of processor time and peak memory."""
    title = f"{label}, {mode}: programs; steps: longest and 99.9 % in ms, share above 1.5 ms"
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("program")
    for name in ("steps", UNCOLLECTED, "stock", "above", mode, "above", "cpu", "peak"):
        table.add_column(name, justify="right")
    for group in ("program", "apart"):
        for program in rows.programs(group, label):
            place = (group, label, program)
            table.add_row(
                program,
                Unit("", digits=0).shown(rows.median(*place, BASELINE, "steps")),
                _steps(rows.find(*place, UNCOLLECTED)),
                _steps(rows.find(*place, BASELINE)),
                _above(rows.find(*place, BASELINE)),
                _steps(rows.find(*place, mode)),
                _above(rows.find(*place, mode)),
                cell(rows.ratio(*place, mode, BASELINE, "cpu")),
                cell(rows.ratio(*place, mode, BASELINE, "peak_rss")),
            )
    if table.rows:
        console.print()
        console.print(table)


def _steps(row: Row | None) -> str:
    """The longest step, and the one that 99.9 % do not exceed."""
    longest, most = (row.median(each) if row else None for each in ("longest", "p999"))
    return f"{MILLISECONDS.shown(longest)} {MILLISECONDS.shown(most)}"


def _above(row: Row | None) -> str:
    """The share of long steps."""
    share = row.median("above") if row else None
    return "-" if share is None else f"{share:.3%}"
