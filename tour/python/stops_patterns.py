"""Patterns and cases: measuring, pools and caches of objects, streaming, batches, trees."""

from __future__ import annotations

import functools
import gc
import sys
import time
import weakref
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lair import _core
from lair.tour.evidence import Run, size, stop


@stop()
def parent_links(run: Run) -> None:
    class Node:
        def __init__(self) -> None:
            self.parent: Any = None
            self.children: list[Node] = []

        def add(self, child: Node, weak: bool) -> None:
            self.children.append(child)
            child.parent = weakref.ref(self) if weak else self

    def dropped_tree(weak: bool, cut: bool) -> bool:
        """Whether the tree went with its last name."""
        root = Node()
        root.add(Node(), weak)
        ghost = weakref.ref(root)
        if cut:
            for child in root.children:
                child.parent = None
        del root
        if cut:
            del child
        return ghost() is None

    gc.disable()
    went = {
        "strong links": dropped_tree(False, False),
        "cut by hand": dropped_tree(False, True),
        "weak links": dropped_tree(True, False),
    }
    run.show("; ".join(f"{how}: {'gone' if gone else 'kept'}" for how, gone in went.items()))
    run.expect(list(went.values()) == [False, True, True], "the trees went otherwise")
    run.expect(gc.collect() > 0, "the tree with strong links was no cycle")


# -- measuring -----------------------------------------------------------------------------------


def total(value: object, seen: set[int] | None = None) -> int:
    """The size of value and of what its containers hold, each object once."""
    seen = set() if seen is None else seen
    if id(value) in seen:
        return 0
    seen.add(id(value))
    inner: list[object] = []
    if isinstance(value, dict):
        inner = [*value.keys(), *value.values()]
    elif isinstance(value, (list, tuple, set, frozenset)):
        inner = list(value)
    return sys.getsizeof(value) + sum(total(each, seen) for each in inner)


@stop()
def total_size(run: Run) -> None:
    empties = {"0": 0, "0.0": 0.0, "'hello'": "hello", "[]": [], "{}": {}}
    sizes = "; ".join(f"{text} {sys.getsizeof(value)}" for text, value in empties.items())
    run.show(f"sys.getsizeof: {sizes}")
    data = {"a": [1, 2, 3], "b": {"c": 4, "d": 5}}
    shared = [data, data]
    run.show(
        f"a dict with a list and a dict in it: {sys.getsizeof(data)} itself, {total(data)} "
        f"in all; twice in a list: {total(shared)}"
    )
    run.expect(total(data) > sys.getsizeof(data), "the total is no larger")
    run.expect(total(shared) == total(data) + sys.getsizeof(shared), "shared parts counted twice")


# -- pools and caches ----------------------------------------------------------------------------


@stop()
def object_pool(run: Run) -> None:
    class Pool:
        def __init__(self, kind: Callable[[], Any], max_size: int) -> None:
            self.kind, self.max_size, self.made = kind, max_size, 0
            self.free: list[Any] = []

        def get(self) -> Any:
            if self.free:
                return self.free.pop()
            self.made += 1
            return self.kind()

        def release(self, value: Any) -> None:
            value.clear()
            if len(self.free) < self.max_size:
                self.free.append(value)

    pool = Pool(dict, max_size=10)
    for item in range(1000):
        value = pool.get()
        value["data"] = item
        pool.release(value)
    held = [pool.get() for _ in range(30)]
    for value in held:
        pool.release(value)
    run.show(
        f"1000 uses one after another and 30 at once made {pool.made} objects; "
        f"{len(pool.free)} are kept"
    )
    run.expect(pool.made == 30 and len(pool.free) == 10, "objects were not used again")


@stop()
def lru_cache(run: Run) -> None:
    @functools.lru_cache(maxsize=128)
    def slow(n: int) -> int:
        time.sleep(0.01)
        return n * n

    start = time.perf_counter()
    slow(10)
    first = time.perf_counter() - start
    start = time.perf_counter()
    slow(10)
    second = time.perf_counter() - start
    for n in range(130):
        slow(n)
    info = slow.cache_info()
    run.show(f"first call {first * 1e3:.1f} ms, second {second * 1e6:.1f} us; {info}")
    run.expect(first >= 0.01 > second, "the second call computed again")
    run.expect(info.currsize == 128, "the cache passed its size")
    slow.cache_clear()
    run.expect(slow.cache_info().currsize == 0, "the cache was not cleared")


@stop()
def timed_cache(run: Run) -> None:
    now, calls = [0.0], []

    def timed(seconds: float) -> Callable[[Callable[[str], str]], Callable[[str], str]]:
        def decorate(function: Callable[[str], str]) -> Callable[[str], str]:
            kept: dict[str, tuple[str, float]] = {}

            @functools.wraps(function)
            def wrapper(key: str) -> str:
                if key in kept and now[0] - kept[key][1] < seconds:
                    return kept[key][0]
                kept[key] = function(key), now[0]
                return kept[key][0]

            return wrapper

        return decorate

    @timed(seconds=10)
    def weather(city: str) -> str:
        calls.append(city)
        return f"{city}: clear"

    counts = []
    for moment in (0.0, 9.0, 11.0):
        now[0] = moment
        weather("Beijing")
        counts.append(len(calls))
    run.show(f"computed by second 0, 9, 11 of a ten-second cache: {counts}")
    run.expect(counts == [1, 1, 2], "results were kept too long or too short")


# -- cases ---------------------------------------------------------------------------------------


def peak_while(work: Callable[[], int]) -> tuple[int, int]:
    """The result of work, and how many bytes more than before were live at its highest."""
    import tracemalloc

    tracemalloc.start()
    result = work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return result, peak


@stop()
def file_streaming(run: Run) -> None:
    def at_once(path: Path) -> list[str]:
        with path.open(encoding="ascii") as file:
            lines = file.readlines()
        return [line.strip().upper() for line in lines]

    def by_line(path: Path) -> list[str]:
        with path.open(encoding="ascii") as file:
            return [line.strip().upper() for line in file]

    def streaming(path: Path) -> Iterator[str]:
        with path.open(encoding="ascii") as file:
            for line in file:
                yield line.strip().upper()

    with TemporaryDirectory() as folder:
        path = Path(folder, "file")
        path.write_text("".join(f"line number {n}\n" for n in range(50_000)), encoding="ascii")
        peaks = []
        for way in (at_once, by_line, streaming):
            count, peak = peak_while(lambda way=way: sum(1 for _ in way(path)))
            run.expect(count == 50_000, f"{way.__name__} read {count} lines")
            peaks.append(peak)
    run.show(
        f"50000 lines, most memory at a time: all at once {size(peaks[0])}, by line "
        f"{size(peaks[1])}, a generator {size(peaks[2])}"
    )
    run.expect(peaks[0] > peaks[1] > 10 * peaks[2], "the ways need memory otherwise")


@stop()
def packed_records(run: Run) -> None:
    class Plain:
        def __init__(self, name: str, email: str, address: str) -> None:
            self.name, self.email, self.address = name, email, address

    class Slotted:
        __slots__ = ("address", "email", "name")

        def __init__(self, name: str, email: str, address: str) -> None:
            self.name, self.email, self.address = name, email, address

    class Packed:
        __slots__ = ("_data",)

        def __init__(self, name: str, email: str, address: str) -> None:
            self._data = f"{name}|{email}|{address}"

        @property
        def email(self) -> str:
            return self._data.split("|")[1]

    class AsDocumented(Packed):
        __slots__ = ()

        def __init__(self, name: str, email: str, address: str) -> None:
            super().__init__(name, email, address)
            self.orders: list[object] = []

    def each(kind: Callable[[str, str, str], Any]) -> float:
        kept: list[Any] = [None] * 10_000
        before = _core.ledger()["live"]
        for n in range(10_000):
            kept[n] = kind(f"name {n}", f"mail {n}", f"road {n}")
        return (_core.ledger()["live"] - before) / 10_000

    plain, slotted, packed = each(Plain), each(Slotted), each(Packed)
    run.show(
        f"a customer with its strings: {plain:.0f} bytes, with slots {slotted:.0f}, packed "
        f"into one string {packed:.0f}"
    )
    run.expect(plain > slotted > packed, "each step did not save")
    run.expect(Packed("a", "b", "c").email == "b", "the packed field cannot be read")
    try:
        AsDocumented("a", "b", "c")
    except AttributeError as fault:
        run.show(f"the document's own packed class: AttributeError: {fault}")
        run.differs(
            "the saving is real, but the document's class sets an attribute, orders, that "
            "its slots do not declare"
        )


@stop()
def batch_inserts(run: Run) -> None:
    if find_spec("_sqlite3") is None:
        run.missing("this interpreter was built without sqlite3")
        return
    import sqlite3

    def insert(path: Path, each_alone: bool) -> float:
        database = sqlite3.connect(path)
        database.execute("create table records (value integer)")
        database.commit()
        start = time.perf_counter()
        for value in range(300):
            database.execute("insert into records values (?)", (value,))
            if each_alone:
                database.commit()
        database.commit()
        taken = time.perf_counter() - start
        count = database.execute("select count(*) from records").fetchone()[0]
        database.close()
        run.expect(count == 300, f"{count} rows were inserted")
        return taken

    with TemporaryDirectory() as folder:
        alone, together = insert(Path(folder, "a"), True), insert(Path(folder, "b"), False)
    run.show(
        f"300 inserts: {alone * 1e3:.1f} ms one by one, {together * 1e3:.1f} ms in one transaction"
    )
    run.expect(together < alone, "one transaction is no faster")
