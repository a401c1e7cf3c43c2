"""Weak references, finalizers in cycles, and how memory leaks all the same."""

from __future__ import annotations

import gc
import os
import tracemalloc
import warnings
import weakref
from pathlib import Path
from tempfile import TemporaryDirectory

from lair.tour.evidence import Run, size, stop


class Thing:
    def __init__(self, name: str = "") -> None:
        self.name = name


@stop()
def weakref_dies(run: Run) -> None:
    from sys import getrefcount

    value = Thing("it")
    before = getrefcount(value)
    reference = weakref.ref(value)
    run.show(f"count before and with a weak reference: {before - 1}, {getrefcount(value) - 1}")
    run.expect(getrefcount(value) == before, "a weak reference is counted")
    name = reference().name  # type: ignore[union-attr]
    del value
    run.show(f"it gave {name!r} while the object lived, then {reference()}")
    run.expect(name == "it" and reference() is None, "the weak reference kept its object")


@stop()
def weak_observers(run: Run) -> None:
    heard: list[str] = []

    class Observer:
        def notice(self) -> None:
            heard.append("noticed")

    observers = [Observer(), Observer()]
    subject = [weakref.WeakMethod(each.notice) for each in observers]
    observers.pop()
    for method in subject:
        call = method()
        if call is not None:
            call()
    run.show(f"of two observers one was dropped; {len(heard)} was told")
    run.expect(len(heard) == 1, "a dropped observer was kept by its subject")


@stop()
def weak_containers(run: Run) -> None:
    keys: weakref.WeakKeyDictionary[Thing, str] = weakref.WeakKeyDictionary()
    values: weakref.WeakValueDictionary[str, Thing] = weakref.WeakValueDictionary()
    members: weakref.WeakSet[Thing] = weakref.WeakSet()
    thing = Thing()
    keys[thing] = "value"
    values["key"] = thing
    members.add(thing)
    before = len(keys), len(values), len(members)
    del thing
    after = len(keys), len(values), len(members)
    run.show(f"entries while the object lived {before}, afterwards {after}")
    run.expect(before == (1, 1, 1) and after == (0, 0, 0), "an entry outlived its object")


@stop()
def weak_dict_keys(run: Run) -> None:
    faults = []
    try:
        weakref.WeakKeyDictionary()[{}] = "value"  # type: ignore[index]
    except TypeError as fault:
        faults.append(str(fault))
    try:
        weakref.WeakSet().add({})
    except TypeError as fault:
        faults.append(str(fault))
    for fault in faults:
        run.show(f"TypeError: {fault}")
    run.expect(len(faults) == 2, "a dict was accepted")
    run.differs("a dict can be neither hashed nor referred to weakly; instances of classes can")


@stop()
def finalizers_in_cycles(run: Run) -> None:
    finalized: list[str] = []

    class Finalized(Thing):
        def __del__(self) -> None:
            finalized.append(self.name)

    gc.disable()
    a, b = Finalized("A"), Finalized("B")
    a.other, b.other = b, a
    del a, b
    before = list(finalized)
    gc.collect()
    gc.collect()
    run.show(
        f"finalized before a collection {before}, after two {sorted(finalized)}; gc.garbage "
        f"{gc.garbage}"
    )
    run.expect(before == [] and sorted(finalized) == ["A", "B"], "not each was finalized once")
    run.expect(gc.garbage == [], "the collector gave up on them")
    run.differs("since Python 3.4 (PEP 442) such cycles are collected, each finalizer runs once")


@stop()
def global_cache_grows(run: Run) -> None:
    from lair import _core

    cache: dict[int, int] = {}

    def compute(key: int) -> int:
        if key not in cache:
            cache[key] = key * key
        return cache[key]

    before = _core.ledger()["live"]
    for key in range(100_000):
        compute(key)
    gc.collect()
    grown = _core.ledger()["live"] - before
    run.show(f"{len(cache)} entries, {size(grown)} that no collection reclaims")
    run.expect(grown > 100_000 * 32, "the cache took no memory")


@stop()
def file_left_open(run: Run) -> None:
    def descriptors() -> int:
        return len(os.listdir("/proc/self/fd"))

    def read_badly(path: Path) -> str:
        return open(path, encoding="ascii").read()

    with TemporaryDirectory() as folder, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ResourceWarning)
        path = Path(folder, "file")
        path.write_text("text", encoding="ascii")
        before = descriptors()
        for _ in range(100):
            read_badly(path)
        after = descriptors()
        kept = [path.open(encoding="ascii") for _ in range(10)]
        held = descriptors()
        for file in kept:
            with file:
                pass
        closed = descriptors()
    run.show(
        f"descriptors before and after 100 files that nobody closed: {before}, {after}, with "
        f"{len(caught)} warnings; with 10 held in a list {held}; closed by a with "
        f"statement {closed}"
    )
    run.expect(after == before and len(caught) == 100, "counting did not close the files")
    run.expect(held == before + 10 and closed == before, "the with statement did not close them")
    run.differs(
        "CPython closes a file when its count reaches zero and warns; it stays open as "
        "long as something refers to it"
    )


@stop()
def context_manager_closes(run: Run) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "file")
        try:
            with path.open("w", encoding="ascii") as file:
                raise ValueError("in the middle")
        except ValueError:
            pass
        run.show(f"after an exception inside the with statement the file is closed: {file.closed}")
        run.expect(file.closed, "the file is still open")


@stop()
def tracemalloc_compare(run: Run) -> None:
    tracemalloc.start()
    kept = [object() for _ in range(100_000)]
    first = tracemalloc.take_snapshot()
    del kept
    gc.collect()
    second = tracemalloc.take_snapshot()
    top = second.compare_to(first, "lineno")[0]
    tracemalloc.stop()
    where = Path(top.traceback[0].filename).name
    run.show(
        f"largest difference: {where}, line {top.traceback[0].lineno}: "
        f"{size(-top.size_diff)} less in {-top.count_diff} blocks"
    )
    run.expect(
        where == Path(__file__).name and top.count_diff <= -100_000, "the line was not named"
    )


@stop()
def tracemalloc_lines(run: Run) -> None:
    tracemalloc.start()
    kept = [str(number) * 1000 for number in range(1000)]
    top = tracemalloc.take_snapshot().statistics("lineno")[:3]
    tracemalloc.stop()
    for row in top:
        run.show(
            f"{Path(row.traceback[0].filename).name}, line {row.traceback[0].lineno}: "
            f"{size(row.size)} in {row.count} blocks"
        )
    run.expect(top[0].size > 2_000_000 and top[0].count >= len(kept), "the line was not named")
