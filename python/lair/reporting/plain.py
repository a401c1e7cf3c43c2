"""A report as a few lines of plain text, for `str()` and where nothing else can be had."""

from lair.reporting.model import Report, Split
from lair.reporting.units import counted, number, percent, seconds, size


def summary(report: Report) -> str:
    """The report without its picture of pools and with the five biggest size classes."""
    process = report.process
    lines = [
        f"Lair: process {process.pid}, CPython {process.python}, "
        f"{seconds(report.time.elapsed_s)}, CPU {seconds(report.time.cpu_s)}",
        _split("at the peak", report.peak),
        _split("now", report.now),
    ]
    if report.limit.hard:
        lines.append(
            f"  limit {size(report.limit.hard)}, at the peak "
            f"{percent(report.limit.peak_footprint, report.limit.hard)} of it, "
            f"{counted(report.limit.refused, 'request')} refused"
        )
    gc = report.collector
    if sum(gc.collections):
        lines.append(
            f"  {counted(sum(gc.collections), 'collection')} freed "
            f"{counted(gc.freed, 'object')}, pauses {seconds(gc.pause_s)} together, "
            f"the longest {seconds(gc.longest_s)}"
        )
    for use in sorted(report.classes, key=lambda c: -c.live_bytes)[:5]:
        name = "large blocks" if use.is_span else f"blocks of {use.block_bytes} bytes"
        lines.append(
            f"  {name}: {number(use.blocks)} in {size(use.live_bytes)}, "
            f"pools {percent(use.fraction_live, 1)} full"
            + (", fragmented" if use.fragmented else "")
        )
    return "\n".join(lines)


def _split(when: str, split: Split) -> str:
    return (
        f"  resident {when} {size(split.resident)} = live {size(split.live)} + free in pools "
        f"{size(split.free_in_pools)} + cached {size(split.cached)} + overhead "
        f"{size(split.overhead)} + native {size(split.native)}"
    )
