"""The numbers of a report, taken in the program itself.

Runs where memory may be short and everything allocated is measured too: plain dicts, no imports
beyond what the interpreter has loaded. `model.py` says what each number means.

How the two splits of resident memory come about. *Now*: Lair's part is what the system says is
resident of the heap's pages (asked page by page), native is the rest of the process. *At the
peak*: the system keeps only one number, the high-water mark of the whole process; Lair's part is
its ledger when the footprint was highest, less pages in it that were never touched, and native is
the remainder.
"""

import os
import sys
import time

from lair import _core

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lair._core import Ledger, Residency

SCHEMA = 2
PARTS = ("live", "free_in_pools", "cached", "overhead")


def collect(reason: str) -> "dict[str, Any]":
    """A report as plain values, ready for JSON. reason: "exit", "signal" or "call"."""
    ledger = _core.ledger()
    residency = _core.residency()
    resident, high_water = _system_numbers()
    hard, soft = _core.get_limit()
    peak = _core.peak()
    stats = _core.stats()
    user, system = os.times()[:2]
    return {
        "schema": SCHEMA,
        "process": {
            "pid": os.getpid(),
            "parent": os.getppid(),
            "arguments": list(sys.orig_argv),
            "python": sys.version.split()[0],
            "reason": reason,
        },
        "now": _split_now(residency, resident, ledger["purged"]),
        "peak": _split_peak(peak, max(high_water, resident)),
        "ledger": ledger,
        "peak_ledger": peak,
        "limit": {
            "hard": hard,
            "soft": soft,
            "peak_footprint": stats["peak_footprint"],
            "refused": stats["refused"],
            "memory_errors": stats["limit_errors"],
            "soft_collections": stats["soft_collections"],
        },
        "counts": {
            "blocks": ledger["blocks"],
            "raw_blocks": stats["raw_blocks"],
            "raw_bytes": stats["raw_bytes"],
            "arenas": stats["arenas"],
            "pools_acquired": stats["pools_acquired"],
            "pools_released": stats["pools_released"],
            "spans_acquired": stats["spans_acquired"],
            "spans_moved": stats["spans_moved"],
            "purges": stats["purges"],
            "purged_bytes": stats["purged_bytes"],
            "foreign_frees": stats["foreign_frees"],
        },
        "collector": _collector(),
        "time": {
            "elapsed_s": _age_of_process(),
            "cpu_s": user + system,
            "purge_s": stats["purge_ns"] / 1e9,
        },
        "classes": [c for c in _core.classes() if c["blocks"] or c["pools"]],
    }


def _collector() -> "dict[str, Any]":
    stats = _core.collector_stats()
    return {
        "mode": stats["mode"],
        "collections": stats["collections"],
        "asked": stats["asked"],
        "freed": stats["freed"],
        "uncollectable": stats["uncollectable"],
        "pause_s": stats["pause_ns"] / 1e9,
        "longest_s": stats["longest_ns"] / 1e9,
        "histogram": stats["histogram"],
        "side_bytes": stats["side_bytes"],
    }


def _split_now(residency: "Residency", resident: int, purged: int) -> dict[str, int]:
    split = {part: residency[part] for part in PARTS}  # type: ignore[literal-required]
    split["native"] = max(0, resident - residency["resident"])
    split["resident"] = residency["resident"] + split["native"]
    split["purged"] = purged
    return split


def _split_peak(peak: "Ledger", high_water: int) -> dict[str, int]:
    split = {part: peak[part] for part in PARTS}  # type: ignore[literal-required]
    untouched = max(0, sum(split.values()) - high_water)
    for part in ("free_in_pools", "cached", "overhead", "live"):
        less = min(untouched, split[part])
        split[part] -= less
        untouched -= less
    split["native"] = high_water - sum(split.values())
    split["resident"] = high_water
    split["purged"] = peak["purged"]
    return split


def _system_numbers() -> tuple[int, int]:
    """Resident bytes of the process now, and its high-water mark.

    smaps_rollup counts pages; VmRSS in status may lag behind by a few hundred KiB a thread.
    """
    status = _kib_fields("/proc/self/status")
    try:
        resident = _kib_fields("/proc/self/smaps_rollup")["Rss"]
    except OSError:
        resident = status["VmRSS"]
    return resident, status["VmHWM"]


def _kib_fields(path: str) -> dict[str, int]:
    fields = {}
    with open(path, encoding="ascii", errors="replace") as lines:
        for line in lines:
            name, _, value = line.partition(":")
            if value.endswith(" kB\n"):
                fields[name] = int(value[:-4]) * 1024
    return fields


def _age_of_process() -> float:
    """Seconds since the process started, to the system's clock tick (10 ms)."""
    with open("/proc/self/stat", encoding="utf-8", errors="replace") as stat:
        started = int(stat.read().rpartition(")")[2].split()[19]) / os.sysconf("SC_CLK_TCK")
    return time.clock_gettime(time.CLOCK_BOOTTIME) - started
