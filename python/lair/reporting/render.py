"""The report as a picture, with rich.

As a program (`python -m lair.reporting.render`) it reads a report as JSON on standard input and
writes the picture to standard output in one piece, so that reports of several processes do not
mix. Parts are told apart by glyph as well as by colour: the picture holds in a log file too.
"""

import sys

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from lair.reporting.advice import next_steps
from lair.reporting.model import ClassUse, Report, Split
from lair.reporting.units import counted, number, percent, seconds, size

WIDTH = 96
WIDE = 92  # room for a column of explanations
BAR = 60
CLASSES_SHOWN = 8
HEIGHT = 4
STEPS = " ▁▂▃▄▅▆▇█"

# Field of Split, glyph, style, what it says.
PARTS = (
    ("live", "█", "green", "live", "blocks the program holds"),
    ("free_in_pools", "▓", "yellow", "free in pools", "free blocks beside live ones"),
    ("cached", "▒", "cyan", "cached", "free pages, kept for a moment"),
    ("overhead", "░", "magenta", "overhead", "Lair's own books"),
    ("native", "╌", "bright_black", "native", "what is not Lair's"),
)


def show(report: Report, console: Console | None = None) -> None:
    """Prints the report. Read this first: it names the sections in their order."""
    console = console or screen()
    width = min(console.width, WIDTH)
    sections = [
        _heading(report),
        _memory(report, explained=width >= WIDE),
        _limit(report),
        _pools(report),
        _classes(report),
        _counts(report),
        _collector(report),
        _next(report),
    ]
    console.print(Group(*sections, ""), width=width)


def screen() -> Console:
    """Standard output: the terminal's width, or that of a full report in a file or a pipe."""
    return Console(width=None if sys.stdout.isatty() else WIDTH)


def _heading(report: Report) -> RenderableType:
    process, time = report.process, report.time
    when = {"exit": "at exit", "signal": "on a signal", "call": "on call"}
    words = " ".join(process.arguments[1:]) or "interactive"
    line = Text.assemble(
        (words if len(words) <= WIDTH else words[: WIDTH - 1] + "…", "bold"),
        f"\nprocess {process.pid}, {when.get(process.reason, process.reason)}"
        f" · CPython {process.python}"
        f" · {seconds(time.elapsed_s)}, CPU {seconds(time.cpu_s)}",
    )
    return Group("", Rule("[bold]Lair[/]", style="green"), line)


def _section(title: str, body: RenderableType) -> RenderableType:
    return Group("", Text(title, style="bold green"), Padding(body, (0, 0, 0, 2)))


def _memory(report: Report, explained: bool) -> RenderableType:
    peak, now = report.peak, report.now
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("", no_wrap=True)
    for heading in ("at the peak", "", "now", ""):
        table.add_column(heading, justify="right", no_wrap=True)
    if explained:
        table.add_column("", style="dim", no_wrap=True)
    for field, glyph, style, name, meaning in PARTS:
        then, current = getattr(peak, field), getattr(now, field)
        table.add_row(
            Text.assemble((glyph * 2, style), f" {name}"),
            size(then),
            percent(then, peak.resident),
            size(current),
            percent(current, now.resident),
            *([meaning] if explained else []),
        )
    for field, style, meaning in (
        ("resident", "bold", "the sum; the system says so too"),
        ("purged", "dim", "given back to the system"),
    ):
        table.add_row(
            Text(f"   {field}", style=style),
            Text(size(getattr(peak, field)), style=style),
            "",
            Text(size(getattr(now, field)), style=style),
            "",
            *([meaning] if explained else []),
        )
    bars = Text.assemble(
        ("peak ", "dim"), _bar(peak, peak.resident), "\n",
        ("now  ", "dim"), _bar(now, max(peak.resident, now.resident)),
    )  # fmt: skip
    note = Text(
        "Native is memory that Lair did not give out: the interpreter and its libraries, what "
        f"extensions take from malloc, and {size(report.counts.raw_bytes)} of Python's raw memory, "
        "which Lair counts. The peak is split by Lair's books when the heap was largest.",
        style="dim",
    )
    return _section("Where the memory is", Group(table, "", bars, "", note))


def _bar(split: Split, whole: int) -> Text:
    """The parts of split, scaled so that whole fills the bar; rounding never loses a cell."""
    bar = Text()
    reached = drawn = 0
    for field, glyph, style, _, _ in PARTS:
        reached += getattr(split, field)
        end = round(BAR * reached / whole) if whole else 0
        bar.append(glyph * (end - drawn), style=style)
        drawn = end
    return bar


def _limit(report: Report) -> RenderableType:
    limit = report.limit
    if not limit.hard:
        body = Text(f"none set; the footprint's peak was {size(limit.peak_footprint)}")
        return _section("Limit", body)
    reached = min(BAR, round(BAR * limit.peak_footprint / limit.hard))
    soft = min(BAR - 1, round(BAR * limit.soft / limit.hard))
    style = "red" if limit.refused else "yellow" if limit.peak_footprint > limit.soft else "green"
    bar = Text()
    for cell in range(BAR):
        glyph = "│" if cell == soft else "█" if cell < reached else "─"
        bar.append(glyph, style=style if cell < reached else "dim")
    words = Text.assemble(
        (percent(limit.peak_footprint, limit.hard), f"bold {style}"),
        f" of {size(limit.hard)} at the peak ({size(limit.peak_footprint)}; "
        f"soft limit {size(limit.soft)})\n",
        f"{counted(limit.refused, 'request')} refused, "
        f"{counted(limit.memory_errors, 'MemoryError')}, "
        f"{counted(limit.soft_collections, 'collection')} at the soft limit",
    )
    return _section("Limit", Group(bar, words))


def _pools(report: Report) -> RenderableType:
    fill = report.fill()
    total, top = sum(fill), max(fill)
    if not total:
        return _section("Pools by fill", Text("no pools now"))
    label = max(len(number(top)), len("0"))
    rows = []
    for row in range(HEIGHT, 0, -1):
        edge = number(top) if row == HEIGHT else ""
        line = Text.assemble((f"{edge:>{label}} ┤", "dim"))
        for bucket, count in enumerate(fill):
            eighths = round(8 * HEIGHT * count / top) - 8 * (row - 1)
            if row == 1 and count:
                eighths = max(1, eighths)
            line.append(" " + STEPS[max(0, min(8, eighths))] * 4, style=_heat(bucket))
        rows.append(line)
    rows.append(Text(" " * label + " └" + "─" * 50, style="dim"))
    axis = "".join(f"{upper:>5}" for upper in range(10, 101, 10))
    rows.append(Text(" " * (label + 2) + axis + " % full", style="dim"))
    return _section(f"Pools by fill ({number(total)} pools)", Text("\n").join(rows))


def _heat(bucket: int) -> str:
    return "red" if bucket < 3 else "yellow" if bucket < 7 else "green"


def _classes(report: Report) -> RenderableType:
    used = sorted(report.classes, key=lambda c: c.live_bytes + c.idle_bytes, reverse=True)
    if not used:
        return _section("Biggest size classes", Text("no blocks now"))
    table = Table(
        box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1), header_style="dim"
    )
    for heading in ("block", "blocks", "live", "idle", "full"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("pools by fill", no_wrap=True)
    table.add_column("", no_wrap=True)
    for use in used[:CLASSES_SHOWN]:
        table.add_row(
            "> 32 KiB" if use.is_span else f"{number(use.block_bytes)} B",
            number(use.blocks),
            size(use.live_bytes),
            "-" if use.is_span else size(use.idle_bytes),
            percent(use.fraction_live, 1),
            Text("spans", style="dim") if use.is_span else _heat_row(use),
            Text("fragmented", style="red") if use.fragmented else "",
        )
    hidden = len(used) - CLASSES_SHOWN
    title = "Biggest size classes" + (f" ({hidden} smaller not shown)" if hidden > 0 else "")
    return _section(title, table)


def _heat_row(use: ClassUse) -> Text:
    top = max(use.fill) or 1
    row = Text()
    for bucket, count in enumerate(use.fill):
        step = max(1, round(8 * count / top)) if count else 0
        row.append(STEPS[step] if count else "·", style=_heat(bucket) if count else "dim")
    return row


def _counts(report: Report) -> RenderableType:
    counts, time = report.counts, report.time
    body = Text(
        f"{number(counts.blocks)} live blocks, {number(counts.raw_blocks)} raw; "
        f"{number(counts.arenas)} arenas of 2 MiB\n"
        f"{number(counts.pools_acquired)} pools taken, {number(counts.pools_released)} given back; "
        f"{number(counts.spans_acquired)} spans, {number(counts.spans_moved)} grown without copy\n"
        f"{number(counts.purges)} purges returned {size(counts.purged_bytes)} "
        f"in {seconds(time.purge_s)}"
    )
    return _section("Counts", body)


def _collector(report: Report) -> RenderableType:
    use = report.collector
    made = sum(use.collections)
    title = f"Garbage collection ({use.mode})"
    if not made:
        said = "the built-in collector's, not counted" if use.mode == "stock" else "none was made"
        return _section(title, Text(said))
    words = Text(
        f"{counted(made, 'collection')} ({', '.join(number(n) for n in use.collections)} by "
        f"generation; {number(use.asked)} asked for) freed {counted(use.freed, 'object')}\n"
        f"pauses {seconds(use.pause_s)} together, the longest {seconds(use.longest_s)}; "
        f"{size(use.side_bytes)} for the collector's own books"
    )
    return _section(title, Group(words, _pauses(use.histogram)))


def _pauses(histogram: list[int]) -> RenderableType:
    """A column for each power of two of a microsecond in which there is a pause, and between."""
    used = [place for place, count in enumerate(histogram) if count]
    top = max(histogram)
    bars, axis = Text(), Text(style="dim")
    for place in range(used[0], used[-1] + 1):
        step = max(1, round(8 * histogram[place] / top)) if histogram[place] else 0
        bars.append(STEPS[step] * 5 + " ", style="green" if place < 14 else "yellow")
        axis.append(f"{_short(2**place / 1e6):<6}")
    axis.append("pauses shorter than this")
    return Group(bars, axis)


def _short(time: float) -> str:
    unit, factor = ("s", 1.0) if time >= 1 else ("ms", 1e3) if time >= 1e-3 else ("µs", 1e6)
    return f"{time * factor:.0f}{unit}"


def _next(report: Report) -> RenderableType:
    grid = Table.grid(padding=(0, 1))
    for step in next_steps(report):
        grid.add_row(Text("→", style="green"), Text(step))
    return _section("Next", grid)


def main() -> int:
    """Reads a report from standard input and draws it on standard output."""
    import json

    console = screen()
    with console.capture() as capture:
        show(Report.from_dict(json.load(sys.stdin)), console)
    sys.stdout.write(capture.get())
    return 0


if __name__ == "__main__":
    sys.exit(main())
