"""The parameters of document 0, each as it is written there."""

from __future__ import annotations

import gc
import os
import subprocess
import sys

import lair
from lair import _core
from lair.tour.evidence import Run, size, stop


def refusal(run: Run, text: str) -> str:
    """Shows and returns what Lair answers to an option it must refuse."""
    try:
        accepted = _core.parse_options(text)
    except ValueError as fault:
        run.show(f"{text}: {fault}")
        return str(fault)
    run.expect(False, f"{text} was accepted: {accepted}")
    return ""


def not_yet(run: Run, text: str) -> None:
    """An option that waits for a part of Lair which is not there. Once it is accepted this stop
    fails, so that it will be replaced by one that shows the effect."""
    _, mark, reason = refusal(run, text).partition("not yet: ")
    if run.expect(bool(mark), f"{text} is not said to come later"):
        run.missing(reason)


def references_at_exit(run: Run, program: str) -> int:
    """The sum that a process prints at its end."""
    result = subprocess.run(
        [sys.executable, "-m", "lair", "run", "--set", "showrefcount=on", "-c", program],
        capture_output=True,
        text=True,
    )
    run.expect(result.returncode == 0, f"the child process said: {result.stderr.strip()}")
    return int(result.stderr.strip().removeprefix("[").split()[0])


def child_limit(run: Run, *arguments: str, **variables: str) -> str:
    """The limit that an interpreter started in this way has."""
    result = subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
    )
    run.expect(result.returncode == 0, f"the child process said: {result.stderr.strip()}")
    return result.stdout.strip()


@stop()
def option_syntax(run: Run) -> None:
    program = "import lair; print(lair.limit.hard)"
    limit = child_limit(run, "-m", "lair", "run", "--set", "maxheapsize=64M", "-c", program)
    run.show(f"lair run --set maxheapsize=64M: the program has a limit of {limit} bytes")
    run.expect(limit == str(64 << 20), "the command line was not followed")
    limit = child_limit(run, "-c", program, LAIR_OPTIONS="attach=on,maxheapsize=64M")
    run.show(f"LAIR_OPTIONS=attach=on,maxheapsize=64M: {limit} bytes")
    run.expect(limit == str(64 << 20), "the environment was not followed")
    refusal(run, "heapsize=1G")
    refusal(run, "maxheapsize=lots")


@stop()
def option_showrefcount(run: Run) -> None:
    programs = [f"kept = [[] for _ in range({count})]" for count in (10_000, 20_000)]
    counts = [references_at_exit(run, program) for program in programs]
    run.show(
        f"lair run --set showrefcount=on: {counts[0]} references where a list holds 10,000 others"
    )
    run.show(f"and {counts[1]} where it holds 20,000")
    run.expect(abs(counts[1] - counts[0] - 10_000) < 100, "10,000 references are missing")


@stop()
def option_trackrefs(run: Run) -> None:
    not_yet(run, "trackrefs=on")


@stop()
def option_objects(run: Run) -> None:
    reason = refusal(run, "objects=100")
    run.expect("free lists" in reason, f"refused for another reason: {reason}")
    run.differs("the interpreter's free lists are its own; no option sets their length")


@stop()
def option_gctype(run: Run) -> None:
    for mode in ("stock", "auto", "incremental", "manual"):
        lair.attach(heap=False, collector=mode)
        gc.set_threshold(100, 2, 2)
        before = sum(each["collections"] for each in gc.get_stats())
        for _ in range(10_000):
            cycle: list[object] = []
            cycle.append(cycle)
        after = sum(each["collections"] for each in gc.get_stats())
        found = gc.collect()
        run.show(
            f"gctype={mode}: {after - before} automatic collections while 10,000 cycles were "
            f"dropped, then gc.collect() found {found}"
        )
        run.expect((after > before) == (mode != "manual"), f"{mode}: {after - before} came")
        run.expect((found >= 10_000) == (mode == "manual"), f"{mode}: {found} were left")


@stop(options="maxheapsize=64M")
def option_maxheapsize(run: Run) -> None:
    kept: list[bytes] = []
    try:
        while len(kept) < 128:
            kept.append(bytes(1 << 20))
    except MemoryError:
        run.show(f"MemoryError at {len(kept)} MiB")
    footprint = lair.ledger()["footprint"]
    run.show(f"footprint {size(footprint)}, limit {size(lair.limit.hard or 0)}")
    run.expect(0 < len(kept) < 64, f"{len(kept)} MiB fitted under 64 MiB")
    kept.clear()
    kept.append(bytes(1 << 20))
    run.show("after clearing the list the program went on and allocated again")


@stop(options="pagesize=4K")
def option_pagesize(run: Run) -> None:
    kept = [(number, number) for number in range(10_000)]
    small = [row for row in _core.classes() if 0 < row["block_bytes"] <= 512 and row["pools"]]
    sizes = sorted({row["pool_bytes"] for row in small})
    run.show(f"pagesize=4K: {len(kept)} tuples; pools of small blocks are of {sizes} bytes")
    run.expect(sizes == [4096], f"pools are of {sizes}")
    refusal(run, "pagesize=5000")
