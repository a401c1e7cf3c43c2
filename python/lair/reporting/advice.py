"""One or two next steps that follow from a report's numbers.

Each rule looks at the report and returns a sentence or None; the order of RULES is the order of
urgency, and the first two that speak are shown.
"""

from collections.abc import Callable

from lair.reporting.model import Report
from lair.reporting.units import counted, number, percent, size

MIB = 1 << 20
SMALL_HEAP = 8 * MIB
MOST_SHOWN = 2


def next_steps(report: Report) -> list[str]:
    """The most urgent next steps, at most two, at least one."""
    steps = [step for rule in RULES if (step := rule(report))]
    return steps[:MOST_SHOWN] or [ALL_WELL]


def limit_reached(report: Report) -> str | None:
    limit = report.limit
    if not limit.refused:
        return None
    errors = f" ({number(limit.memory_errors)} as MemoryError)" if limit.memory_errors else ""
    return (
        f"The limit of {size(limit.hard)} refused {counted(limit.refused, 'request')}{errors}: "
        "hold less at a time (batches, generators), or raise maxheapsize."
    )


def limit_near(report: Report) -> str | None:
    limit = report.limit
    if limit.refused or not limit.hard or limit.peak_footprint < 0.9 * limit.hard:
        return None
    return (
        f"The peak of {size(limit.peak_footprint)} came to "
        f"{percent(limit.peak_footprint, limit.hard)} of the limit: a little more input and the "
        f"program meets MemoryError. {size(1.25 * limit.peak_footprint)} would leave room."
    )


def attached_late(report: Report) -> str | None:
    if report.counts.foreign_frees < max(100_000, report.counts.blocks):
        return None
    return (
        f"{number(report.counts.foreign_frees)} blocks from before Lair was attached were freed "
        "since: start with `lair run`, so that the whole program is on Lair's books."
    )


def small_program(report: Report) -> str | None:
    ours = report.peak.resident - report.peak.native
    if ours >= SMALL_HEAP:
        return None
    return (
        f"Only {size(ours)} of this program's peak are Python objects; the interpreter itself is "
        "most of the rest. Run it on larger input to see what grows."
    )


def native_dominates(report: Report) -> str | None:
    peak = report.peak
    if peak.native < 64 * MIB or peak.native < 0.5 * peak.resident:
        return None
    return (
        f"{percent(peak.native, peak.resident)} of the peak is native memory, which Lair cannot "
        "see into: arrays and buffers of extension modules, libraries, the C library's malloc. "
        "heaptrack or memray --native show who allocates there."
    )


def fragmented(report: Report) -> str | None:
    worst = sorted((c for c in report.classes if c.fragmented), key=lambda c: -c.idle_bytes)
    idle = sum(c.idle_bytes for c in worst)
    if idle < 2 * MIB or idle < 0.1 * report.now.resident:
        return None
    names = ", ".join(str(c.block_bytes) for c in worst[:3])
    return (
        f"{size(idle)} lie idle in pools that a few long-lived blocks keep (blocks of {names} "
        "bytes). lair.trim() gives their unused pages back; building what lives long before, or "
        "apart from, what is thrown away avoids it."
    )


def cached_high(report: Report) -> str | None:
    if report.now.cached < max(4 * MIB, 0.15 * report.now.resident):
        return None
    return (
        f"{size(report.now.cached)} of free pages still have memory behind them: they go back "
        "after a moment of quiet, or at once with lair.trim()."
    )


def short_peak(report: Report) -> str | None:
    ours = report.peak.resident - report.peak.native
    if report.process.reason == "exit" or report.now.live > 0.4 * report.peak.live:
        return None
    return (
        f"The heap held {size(ours)} at the peak and {size(report.now.live)} of live blocks now: "
        "the peak is temporary data. Working in batches, or with generators, would lower it."
    )


def purging_often(report: Report) -> str | None:
    if report.time.purge_s < 0.02 * report.time.cpu_s or report.time.purge_s < 0.05:
        return None
    return (
        f"Giving memory back took {percent(report.time.purge_s, report.time.cpu_s)} of the CPU "
        "time: a longer decay (`lair options`) keeps pages for the next use."
    )


def set_a_limit(report: Report) -> str | None:
    if report.limit.hard:
        return None
    megabytes = int(1.25 * report.limit.peak_footprint / MIB) + 1
    return (
        f"To hold the program to what it needs, with a quarter to spare: "
        f"lair run -X maxheapsize={megabytes}M ..."
    )


ALL_WELL = "Nothing stands out. `lair compare` shows the program beside stock Python."

RULES: tuple[Callable[[Report], str | None], ...] = (
    limit_reached,
    limit_near,
    attached_late,
    native_dominates,
    fragmented,
    cached_high,
    purging_often,
    small_program,
    short_peak,
    set_a_limit,
)
