"""Ways to need less memory: slots, generators, arrays, records, the right structure."""

from __future__ import annotations

import dis
import sys
import timeit
import weakref
from array import array
from collections import namedtuple
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec

from lair import _core
from lair.tour.evidence import Run, size, stop


class WithDict:
    def __init__(self, name: str, age: int, address: str) -> None:
        self.name, self.age, self.address = name, age, address


class WithSlots:
    __slots__ = ("address", "age", "name")

    def __init__(self, name: str, age: int, address: str) -> None:
        self.name, self.age, self.address = name, age, address


def cost(make: Callable[[], object], count: int = 20_000) -> float:
    """Bytes of the heap that each of many such objects takes, with what it alone holds."""
    make()
    kept: list[object] = [None] * count
    before = _core.ledger()["live"]
    for index in range(count):
        kept[index] = make()
    return (_core.ledger()["live"] - before) / count


@stop()
def slots_smaller(run: Run) -> None:
    dicts = cost(lambda: WithDict("Alice", 30, "123 Main St"))
    slots = cost(lambda: WithSlots("Alice", 30, "123 Main St"))
    person = WithDict("Alice", 30, "123 Main St")
    full = WithDict("Alice", 30, "123 Main St").__dict__
    run.show(
        f"an instance with attributes of its own: {dicts:.0f} bytes of the heap, with "
        f"__slots__: {slots:.0f}; its __dict__, once asked for: {sys.getsizeof(full)} more"
    )
    run.expect(slots < dicts, "slots saved nothing")
    run.expect(hasattr(person, "__dict__"), "the plain instance has no __dict__")
    run.expect(not hasattr(WithSlots("", 0, ""), "__dict__"), "slots left a __dict__")


@stop()
def slots_inheritance(run: Run) -> None:
    class Below(WithSlots):
        pass

    below = Below("", 0, "")
    below.extra = 1
    run.show(f"an instance of a subclass without slots has {below.__dict__}")
    run.expect(below.__dict__ == {"extra": 1}, "the subclass has no __dict__")
    run.differs(
        "the slots themselves are inherited; what a subclass without its own regains is "
        "the __dict__ beside them"
    )


@stop()
def slots_refuse(run: Run) -> None:
    person = WithSlots("", 0, "")
    try:
        person.phone = "1"  # type: ignore[attr-defined]
    except AttributeError as fault:
        run.show(f"AttributeError: {fault}")
    else:
        run.expect(False, "an undeclared attribute was accepted")


@stop()
def slots_weakref(run: Run) -> None:
    class Referable:
        __slots__ = ("__weakref__",)

    try:
        weakref.ref(WithSlots("", 0, ""))
    except TypeError as fault:
        run.show(f"TypeError: {fault}")
    else:
        run.expect(False, "a weak reference was made without __weakref__")
    referable = Referable()
    run.show(f"with __weakref__ among the slots: {weakref.ref(referable)() is referable}")


@stop()
def records(run: Run) -> None:
    tuple_kind = namedtuple("tuple_kind", ["name", "age", "address"])

    @dataclass
    class DataKind:
        name: str
        age: int
        address: str

    @dataclass(slots=True)
    class SlottedKind:
        name: str
        age: int
        address: str

    kinds = {
        "plain class": WithDict,
        "named tuple": tuple_kind,
        "data class": DataKind,
        "data class with slots": SlottedKind,
    }
    sizes = {}
    for what, kind in kinds.items():
        run.expect(kind("Alice", 30, "x").name == "Alice", f"{what}: no field called name")
        sizes[what] = cost(lambda kind=kind: kind("Alice", 30, "x"))
    run.show("; ".join(f"{what}: {count:.0f} bytes" for what, count in sizes.items()))
    run.expect(sizes["named tuple"] < sizes["plain class"], "a named tuple saved nothing")
    run.expect(sizes["data class with slots"] < sizes["plain class"], "slots saved nothing")


@stop()
def generator_small(run: Run) -> None:
    def squares(n: int) -> Iterator[int]:
        for i in range(n):
            yield i * i

    count = 1_000_000
    before = _core.ledger()["live"]
    listed = [i * i for i in range(count)]
    list_bytes = _core.ledger()["live"] - before
    generated = squares(count)
    total = sum(generated)
    run.show(
        f"{count} squares: as a list {size(list_bytes)} of the heap "
        f"({size(sys.getsizeof(listed))} of them the list itself), as a generator "
        f"{sys.getsizeof(generated)} bytes"
    )
    run.expect(total == sum(listed), "they are not the same numbers")
    run.expect(sys.getsizeof(generated) < 1000 < list_bytes, "the generator is no smaller")


@stop()
def array_packed(run: Run) -> None:
    count = 100_000
    before = _core.ledger()["live"]
    listed = [number + 1000 for number in range(count)]
    list_bytes = _core.ledger()["live"] - before
    packed = array("i", listed)
    array_bytes = _core.ledger()["live"] - before - list_bytes
    run.show(f"{count} integers: list {size(list_bytes)}, array {size(array_bytes)}")
    run.expect(list(packed) == listed and array_bytes * 4 < list_bytes, "the array saved little")


@stop()
def numeric_arrays(run: Run) -> None:
    values = [i * 0.1 for i in range(100_000)]
    list_bytes = sys.getsizeof(values) + sum(map(sys.getsizeof, values))
    packed = array("d", values)
    run.show(
        f"{len(values)} floats: list {size(list_bytes)}, array module {size(sys.getsizeof(packed))}"
    )
    run.expect(sys.getsizeof(packed) * 3 < list_bytes, "the array saved little")
    if find_spec("numpy") is None:
        run.show("numpy is not installed here, so its arrays are not measured")
        return
    import numpy

    run.show(f"numpy: {size(numpy.array(values).nbytes)}")
    run.expect(numpy.array(values).nbytes * 3 < list_bytes, "numpy saved little")


@stop()
def set_against_list(run: Run) -> None:
    def lookup(container: object, wanted: int) -> float:
        times = timeit.repeat(lambda: wanted in container, number=200, repeat=3)  # type: ignore
        return min(times) / 200 * 1e9

    rows = {}
    for count in (1000, 10_000):
        members = list(range(count))
        rows[count] = lookup(members, count - 1), lookup(set(members), count - 1)
        run.show(f"{count} members: list {rows[count][0]:.0f} ns, set {rows[count][1]:.0f} ns")
    run.expect(rows[10_000][0] > 4 * rows[1000][0], "a list's time does not grow with its length")
    run.expect(rows[10_000][1] < 4 * rows[1000][1], "a set's time grows with its size")
    run.expect(rows[10_000][1] < rows[10_000][0], "a set is no faster")


@stop()
def lazy_resource(run: Run) -> None:
    class Resource:
        def __init__(self) -> None:
            self._resource: list[int] | None = None

        @property
        def resource(self) -> list[int]:
            if self._resource is None:
                self._resource = [i * i for i in range(100_000)]
            return self._resource

    start = _core.ledger()["live"]
    lazy = Resource()
    made = _core.ledger()["live"] - start
    length = len(lazy.resource)
    used = _core.ledger()["live"] - start
    run.show(
        f"heap taken when made: {size(max(made, 0))}; after first use ({length} numbers): "
        f"{size(used)}"
    )
    run.expect(made < 10_000 and used > 1 << 20, "it was not made on first use")


@stop()
def strings_joined(run: Run) -> None:
    pieces = [f"{number:04}" for number in range(5000)]
    grown, addresses, copied = "", set(), 0
    for piece in pieces:
        previous = grown  # a second reference: the string cannot be grown in place
        grown = previous + piece
        copied += len(previous)
        addresses.add(id(grown))
    joined = "".join(pieces)
    run.show(
        f"{len(pieces)} pieces: growing copied {size(copied)} through {len(addresses)} "
        f"addresses; join allocated once, {size(sys.getsizeof(joined))}"
    )
    run.expect(joined == grown and len(addresses) > 10, "growing allocated nothing")
    run.expect(copied > 100 * len(joined), "growing copied little")


@stop()
def list_presized(run: Run) -> None:
    def resizes(values: list[int | None], fill: Callable[[int], None]) -> int:
        seen = 0
        before = sys.getsizeof(values)
        for index in range(10_000):
            fill(index)
            seen += sys.getsizeof(values) != before
            before = sys.getsizeof(values)
        return seen

    grown: list[int | None] = []
    sized: list[int | None] = [None] * 10_000
    by_append = resizes(grown, grown.append)
    by_index = resizes(sized, lambda index: sized.__setitem__(index, index))
    run.show(
        f"10000 elements: appending resized the list {by_append} times, filling a list of "
        f"that length {by_index} times"
    )
    run.expect(grown == sized and by_append > 10 and by_index == 0, "the lengths behaved otherwise")


@stop()
def loop_locals(run: Run) -> None:
    class Holder:
        value = 1

    holder = Holder()

    def through_attribute() -> int:
        total = 0
        for _ in range(10_000):
            total = holder.value + holder.value + holder.value + holder.value
        return total

    def through_local() -> int:
        total, value = 0, holder.value
        for _ in range(10_000):
            total = value + value + value + value
        return total

    for what, way in (("through attributes", through_attribute), ("with a local", through_local)):
        took = min(timeit.repeat(way, number=5, repeat=7)) / 50_000 * 1e9
        run.show(f"a loop {what}: {instructions(way)} instructions, {took:.0f} ns a round")
    run.expect(through_attribute() == through_local(), "the loops computed different things")
    run.expect(
        instructions(through_local) < instructions(through_attribute),
        "a local needs no fewer instructions",
    )


def instructions(function: Callable[[], object]) -> int:
    return len(list(dis.get_instructions(function)))
