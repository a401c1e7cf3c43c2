"""The parts of this process's memory, each found by something that lives there."""

from __future__ import annotations

import ctypes
import gc
import sys
import types
import weakref
from dataclasses import dataclass
from pathlib import Path

import lair
from lair.tour.evidence import Run, size, stop

WORD = ctypes.sizeof(ctypes.c_size_t)


@dataclass(frozen=True)
class Region:
    """One line of the system's map of this process."""

    start: int
    end: int
    access: str  # "rw-p"
    name: str  # a file, "[stack]", "[anon:...]", or ""

    @property
    def anonymous(self) -> bool:
        return self.name == "" or self.name.startswith("[anon")

    def __str__(self) -> str:
        name = Path(self.name).name if self.name.startswith("/") else self.name
        return f"{self.access[:3]}, {size(self.end - self.start)}, {name or 'no file'}"


def regions() -> list[Region]:
    found = []
    for line in Path("/proc/self/maps").read_text(encoding="utf-8").splitlines():
        span, access, _, _, _, *name = line.split(maxsplit=5)
        start, end = (int(bound, 16) for bound in span.split("-"))
        found.append(Region(start, end, access, name[0] if name else ""))
    return found


def region_of(address: int) -> Region:
    return next(each for each in regions() if each.start <= address < each.end)


def show(run: Run, thing: str, address: int) -> Region:
    region = region_of(address)
    run.show(f"{thing} at {address:#x}: {region}")
    return region


def function_address() -> int:
    return ctypes.cast(ctypes.pythonapi.PyLong_FromLong, ctypes.c_void_p).value or 0


def constant_address() -> int:
    """Of the name "int": the fourth word of a type (count, type, size, name)."""
    return ctypes.c_size_t.from_address(id(int) + 3 * WORD).value


@stop()
def process_parts(run: Run) -> None:
    stack = next(each for each in regions() if each.name == "[stack]")
    parts = {
        "stack": stack.start,
        "static data": id(None),
        "constants": constant_address(),
        "code": function_address(),
        "heap": id([]),
    }
    for thing, address in sorted(parts.items(), key=lambda part: -part[1]):
        show(run, thing, address)
    distinct = {region_of(address).start for address in parts.values()}
    run.expect(len(distinct) == len(parts), "two parts are one region")
    run.expect(max(parts, key=parts.__getitem__) == "stack", "the stack is not highest")
    if min(parts, key=parts.__getitem__) != "heap":
        run.differs(
            "the parts are there, but in an order of the system's choice; the heap is not "
            "the lowest"
        )


@stop()
def process_stack(run: Run) -> None:
    class Thing:
        pass

    def call() -> weakref.ref[Thing]:
        local = Thing()
        return weakref.ref(local)

    stack = next(each for each in regions() if each.name == "[stack]")
    run.show(f"the machine's stack: {stack}")
    run.show(f"a local of a function that has returned: {'there' if call()() else 'gone'}")
    frame = region_of(id(sys._getframe()))
    run.show(f"the frame of a Python function, as an object: {frame}")
    run.expect(call()() is None, "a local outlived its function")
    run.expect(frame.name != "[stack]", "a frame object is on the machine's stack")
    run.differs(
        "frames come and go by themselves as the claim says, but those of Python code are "
        "kept apart from the machine's stack"
    )


@stop()
def process_static(run: Run) -> None:
    for thing, value in (("None", None), ("the type int", int)):
        region = show(run, thing, id(value))
        run.expect("w" in region.access, f"{thing} is not in writable memory")
        run.expect(region_of(id([])) != region, f"{thing} is on the heap")
    run.show(
        "module-level variables of Python are entries of a dict on the heap: "
        f"{region_of(id(sys.modules))}"
    )
    run.differs(
        "static is what the interpreter's C code declares; a module's globals are on the "
        "heap and go with their module"
    )


@stop()
def process_read_only(run: Run) -> None:
    region = show(run, f'the name "{int.__name__}" in its type', constant_address())
    run.expect("w" not in region.access, "it can be written")
    value = "".join(["a constant", " of Python"])
    run.show(f"a str of Python code: {region_of(id(value))}")
    run.differs(
        "constants of the interpreter's C code are read-only; constants of Python code are "
        "objects on the heap"
    )


@stop()
def process_code(run: Run) -> None:
    region = show(run, "machine code of the interpreter", function_address())
    run.expect("x" in region.access and "w" not in region.access, "it can be written")
    code = process_code.__code__
    bytecode = region_of(id(code))
    run.show(
        f"byte code of this function, {len(code.co_code)} bytes in its code object: {bytecode}"
    )
    run.expect("x" not in bytecode.access, "byte code is executable")
    run.differs(
        "only machine code is in the code segment; byte code is data in objects on the heap"
    )


@stop()
def process_method_area(run: Run) -> None:
    class Defined:
        def method(self) -> None: ...

    for thing, value in (
        ("a class", Defined),
        ("its method", Defined.method),
        ("the method's byte code", Defined.method.__code__),
    ):
        region = show(run, thing, id(value))
        run.expect(region.anonymous or region.name == "[heap]", f"{thing} is not on the heap")
    everything = gc.get_objects()
    for thing, kind in (
        ("classes", type),
        ("functions", types.FunctionType),
        ("modules", types.ModuleType),
    ):
        found = [each for each in everything if isinstance(each, kind)]
        run.show(f"{len(found)} {thing}, {size(sum(map(sys.getsizeof, found)))} of their own")
    run.differs("there is no separate area: classes, methods and modules are objects on the heap")


@stop()
def process_heap(run: Run) -> None:
    before = lair.ledger()["live"]
    value = bytearray(8 << 20)
    after = lair.ledger()["live"]
    region = show(run, "a list", id([]))
    run.show(
        f"Lair's heap: {size(before)} live, {size(after)} with a bytearray of "
        f"{size(len(value))} more"
    )
    run.expect(region.anonymous and "w" in region.access, "a list is not on the heap")
    run.expect(after - before >= len(value), "the heap did not grow")


@stop()
def objects_on_heap(run: Run) -> None:
    ten = int("10")
    for value in (ten**10, ten / 4, str(ten**5), (ten,), [ten], {ten: ten}):
        region = region_of(id(value))
        run.show(f"{type(value).__name__}: {region}")
        run.expect(region.anonymous and "w" in region.access, f"{value!r} is not on the heap")
    first = [1]
    second = first
    run.show(f"two names, one address: {id(first):#x} and {id(second):#x}")
    run.expect(first is second, "a name holds the object itself")
