"""The interpreter's objects in Lair's arenas, pools and blocks."""

from __future__ import annotations

import ctypes
import gc
import mmap
import os
import random
import re
import signal
import subprocess
import sys
import time

import lair
from lair import _core
from lair.tour.evidence import Run, size, stop

MANY = 100_000


def class_of(rows: list[_core.SizeClass], request: int) -> _core.SizeClass:
    """The row whose blocks serve a request of so many bytes; the last row is spans."""
    pools = [row for row in rows if row["block_bytes"] >= request]
    return min(pools, key=lambda row: row["block_bytes"]) if pools else rows[-1]


# -- the pyramid ---------------------------------------------------------------------------------


@stop()
def pyramid(run: Run) -> None:
    before = _core.classes()
    objects = [(number,) for number in range(MANY)]
    large = bytearray(1 << 20)
    rows, stats = _core.classes(), _core.stats()
    residency = _core.residency()
    tuples = class_of(rows, sys.getsizeof(objects[0]))
    spans, spans_before = rows[-1]["blocks"], before[-1]["blocks"]
    run.show(f"system: {size(residency['resident'])} of the heap resident")
    run.show(f"arenas: {stats['arenas']} of 2 MiB")
    run.show(
        f"pools: {tuples['pools']} of {size(tuples['pool_bytes'])} for blocks of "
        f"{tuples['block_bytes']} bytes"
    )
    run.show(f"blocks: {tuples['blocks']} live of {tuples['capacity']}")
    run.show(f"objects: {len(objects)} tuples, and one bytearray of {size(len(large))} in a span")
    # A few come from the interpreter's own free list, made before Lair was there.
    run.expect(tuples["blocks"] > MANY * 0.99, "the tuples are not in the pools")
    run.expect(spans > spans_before, "the large block is not in a span")
    run.differs(
        "with Lair the C library's malloc is no level: large blocks are spans of pages of "
        "the heap itself, so that limit and ledger cover them too"
    )


@stop()
def memory_functions(run: Run) -> None:
    count, request = 20_000, 208
    for domain in ("PyMem", "PyObject", "PyMem_Raw"):
        joint = "" if domain.endswith("Raw") else "_"
        allocate = getattr(ctypes.pythonapi, f"{domain}{joint}Malloc")
        reallocate = getattr(ctypes.pythonapi, f"{domain}{joint}Realloc")
        release = getattr(ctypes.pythonapi, f"{domain}{joint}Free")
        allocate.restype = reallocate.restype = ctypes.c_void_p
        allocate.argtypes, release.argtypes = [ctypes.c_size_t], [ctypes.c_void_p]
        reallocate.argtypes, release.restype = [ctypes.c_void_p, ctypes.c_size_t], None
        before = class_of(_core.classes(), request)["blocks"], lair.ledger()["charged"]
        blocks = [allocate(request) for _ in range(count)]
        during = class_of(_core.classes(), request)["blocks"], lair.ledger()["charged"]
        in_pools, raw = during[0] - before[0], during[1] - before[1]
        run.show(
            f"{count} times {domain}{joint}Malloc({request}): {in_pools} more blocks in "
            f"pools, {size(max(raw, 0))} more counted outside"
        )
        if domain == "PyMem_Raw":
            run.expect(raw >= count * request * 0.95, "raw memory was not counted")
        else:
            run.expect(in_pools >= count, f"{domain} is not served by Lair's pools")
        ctypes.memset(blocks[0], 7, request)
        blocks[0] = reallocate(blocks[0], 5000)
        run.expect(ctypes.string_at(blocks[0], request) == b"\7" * request, "realloc lost bytes")
        for block in blocks:
            release(block)


# -- what pools are for --------------------------------------------------------------------------


@stop()
def pool_cuts_blocks(run: Run) -> None:
    before = _core.stats()
    kept = [object() for _ in range(MANY)]
    after = _core.stats()
    pools = after["pools_acquired"] - before["pools_acquired"]
    run.show(
        f"{len(kept)} objects were cut from {pools} new pools; the heap has "
        f"{after['arenas']} arenas"
    )
    run.expect(0 < pools < MANY / 100, "pools were asked for too often")


@stop(options="decay=never")
def pool_fragmentation(run: Run) -> None:
    total, first = 8 << 20, 0
    for length in (48, 64, 96, 208, 480):
        kept = [bytes(length - 33) for _ in range(total // length)]
        footprint = lair.ledger()["footprint"]
        first = first or footprint
        run.show(f"{len(kept)} objects of {length} bytes: footprint {size(footprint)}")
        run.expect(footprint <= first * 1.1, "pools freed by one size did not serve the next")
        del kept


@stop(options="decay=never")
def pool_churn(run: Run) -> None:
    random.seed(1)
    kept = [b""] * 2000
    warm = 0
    for step in range(400_000):
        kept[random.randrange(2000)] = bytes(random.randrange(1, 480))
        if step == 50_000:
            warm = lair.ledger()["footprint"]
    footprint = lair.ledger()["footprint"]
    run.show(
        f"footprint after 50000 objects came and went: {size(warm)}; after 400000: "
        f"{size(footprint)}"
    )
    run.expect(footprint <= warm * 1.25, "memory was lost on the way")


@stop()
def pool_spares_system_calls(run: Run) -> None:
    def per_round(rounds: int, body: str) -> float:
        code = compile(f"for _ in range({rounds}): {body}", "timing", "exec")
        start = time.perf_counter()
        exec(code, {"mmap": mmap})
        return (time.perf_counter() - start) / rounds * 1e9

    pool = per_round(200_000, "object()")
    system = per_round(20_000, "mmap.mmap(-1, 4096).close()")
    run.show(
        f"an object made and dropped: {pool:.0f} ns; a page from the system and back: "
        f"{system:.0f} ns"
    )
    run.expect(pool < system, "the pool is slower than the system")


# -- what pools cost -----------------------------------------------------------------------------


@stop()
def pool_overhead(run: Run) -> None:
    kept = [(number,) for number in range(MANY)]
    books = lair.ledger()
    run.show(
        f"{len(kept)} tuples more: {size(books['live'])} live, "
        f"{size(books['free_in_pools'])} free in pools, {size(books['overhead'])} overhead"
    )
    parts = ("live", "free_in_pools", "cached", "purged", "overhead")
    run.expect(books["overhead"] > 0, "the heap claims to cost nothing")
    run.expect(books["committed"] == sum(books[part] for part in parts), "the books do not add up")


@stop()
def pool_bounded(run: Run) -> None:
    program = (
        "import resource\n"
        "resource.setrlimit(resource.RLIMIT_AS, (512 << 20, 512 << 20))\n"
        "import lair\n"
        "lair.attach(strict=True)\n"
        "kept = []\n"
        "try:\n"
        "    while True: kept.append(bytes(1 << 20))\n"
        "except MemoryError: pass\n"
        "count = len(kept)\n"
        "kept.clear()\n"
        "print(count, len(bytes(1 << 20)) >> 20)\n"
    )
    result = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True)
    if run.expect(result.returncode == 0, f"the child process said: {result.stderr.strip()}"):
        count, again = map(int, result.stdout.split())
        run.show(
            f"with 512 MiB of address space: MemoryError after {count} MiB; with those freed "
            f"{again} MiB more"
        )
        run.expect(0 < count < 512 and again == 1, "the end of memory was not told")


@stop(options="reserve=32M")
def pool_reserve(run: Run) -> None:
    books = lair.ledger()
    chain: tuple[object, ...] = ()
    for _ in range(MANY):  # small objects only: the reserve is for them
        chain = (chain,)
    after = lair.ledger()
    run.show(
        f"reserve=32M: {size(books['committed'])} committed after the start, "
        f"{size(after['committed'])} with {size(after['live'])} live in it"
    )
    run.expect(books["committed"] >= 32 << 20, "the reserve was not taken")
    run.expect(after["live"] - books["live"] > MANY * 40, "the objects are not in the heap")
    run.expect(after["committed"] == books["committed"], "small requests took more")


@stop()
def pool_leak(run: Run) -> None:
    forgotten: list[object] = []
    before = lair.ledger()["blocks"]
    for number in range(20_000):
        value = (number, number)
        if number % 2 == 0:
            forgotten.append(value)
    del value
    gc.collect()
    lair.trim()
    stayed = lair.ledger()["blocks"] - before
    run.show(
        f"of 20000 tuples {len(forgotten)} were left in a list nobody reads; after collection "
        f"and trim {stayed} blocks more are live"
    )
    run.expect(stayed >= len(forgotten), "what is still referred to was freed")


# -- memory that comes and goes ------------------------------------------------------------------


@stop()
def crash_returns_memory(run: Run) -> None:
    program = (
        "import lair; lair.attach(strict=True)\n"
        "kept = [bytearray(b'x' * (1 << 20)) for _ in range(64)]\n"
        "print('ready', flush=True); input()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-P", "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        ready = child.stdout.readline().strip()
        before = resident_of(child.pid)
        child.send_signal(signal.SIGKILL)
        child.wait()
    after = resident_of(child.pid)
    run.show(
        f"a program with {size(before)} resident was killed: now the system counts "
        f"{size(after)} for it"
    )
    run.expect(ready == "ready" and before >= 64 << 20, "the child process did not start")
    run.expect(after == 0, "memory outlived its process")
    run.differs(
        "the system takes all memory of a process back, however it ends; only within a "
        "living process can pools hold on to objects"
    )


def resident_of(process: int) -> int:
    try:
        with open(f"/proc/{process}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")
    except OSError:
        return 0


@stop(options="maxheapsize=64M")
def soft_limit(run: Run) -> None:
    gc.disable()  # so that nothing but the limit starts a collection
    rounds, each = 4000, 100_000
    for _ in range(rounds):
        cycle: list[object] = [bytes(each)]
        cycle.append(cycle)
    stats = _core.stats()
    run.show(
        f"{size(rounds * each)} of garbage in cycles, limit 64 MiB: {stats['soft_collections']}"
        f" collections asked for by the soft limit, {stats['limit_errors']} MemoryErrors"
    )
    run.expect(stats["soft_collections"] > 0, "the soft limit asked for no collection")
    run.expect(stats["limit_errors"] == 0, "a request was refused all the same")


@stop(options="decay=50ms")
def memory_goes_back(run: Run) -> None:
    kept = [bytes(200) for _ in range(200_000)]
    during = _core.residency()["resident"]
    kept.clear()
    deadline = time.monotonic() + 5
    while _core.residency()["resident"] > during / 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    after = _core.residency()["resident"]
    returned = lair.trim()
    run.show(
        f"{size(during)} resident; everything dropped and idle: {size(after)}; "
        f"lair.trim() returned {size(returned)} more"
    )
    run.expect(after <= during / 2, "an idle program kept its memory")


# -- the boundary of small -----------------------------------------------------------------------


@stop()
def small_threshold(run: Run) -> None:
    stock = subprocess.run(
        [sys.executable, "-P", "-c", "import sys; sys._debugmallocstats()"],
        capture_output=True,
        text=True,
    )
    found = re.search(r"Small block threshold = (\d+)", stock.stderr)
    if run.expect(found is not None, "CPython does not tell its boundary") and found is not None:
        run.show(f"CPython's own pools: small ends at {found[1]} bytes")
    rows = _core.classes()
    blocks = [class_of(rows, request)["block_bytes"] for request in (256, 257, 512, 513, 32768)]
    run.show(
        f"Lair's: 256 bytes take a block of {blocks[0]}, 257 of {blocks[1]}, 512 of "
        f"{blocks[2]}, 513 of {blocks[3]}, 32768 of {blocks[4]}"
    )
    run.expect(blocks == [256, 272, 512, 576, 32768], f"the size classes are {blocks}")
    run.differs(
        "the boundary is 512 today; in Lair coarser classes follow up to 32 KiB, and only "
        "above that memory comes straight from the system"
    )


@stop(options="smallsize=256")
def small_threshold_option(run: Run) -> None:
    rows = _core.classes()
    blocks = [class_of(rows, request)["block_bytes"] for request in (256, 257)]
    run.show(f"smallsize=256: 256 bytes take a block of {blocks[0]}, 257 one of {blocks[1]}")
    run.expect(blocks == [256, 288], "smallsize=256 was not followed")
