"""Objects and their reference counts."""

from __future__ import annotations

import ctypes
import sys
import sysconfig
import threading
import weakref
from sys import getrefcount

from lair.tour.evidence import Run, stop


class Thing:
    """An object that can be referred to weakly."""


@stop()
def values_are_objects(run: Run) -> None:
    for value in (1, 2.5, "text", [1], (1, 2), {"key": 1}, None, len, int):
        kind = type(value).__name__
        run.show(f"{kind}: {sys.getsizeof(value)} bytes, at {id(value):#x}")
        run.expect(isinstance(value, object), f"{kind} is no object")


@stop()
def object_header(run: Run) -> None:
    # Both words are read while the object is alive; sizes are those of a 64-bit CPython.
    value = [1, 2, 3]
    word = ctypes.c_size_t
    count = word.from_address(id(value)).value
    kind = word.from_address(id(value) + ctypes.sizeof(word)).value
    run.show(
        f"first word of a list: {count}; sys.getrefcount without its argument: "
        f"{getrefcount(value) - 1}"
    )
    run.show(f"second word: {kind:#x}; address of its type: {id(type(value)):#x}")
    run.expect(count == getrefcount(value) - 1, "the first word is not the count")
    run.expect(kind == id(type(value)), "the second word is not the type")


@stop()
def freed_at_zero(run: Run) -> None:
    deaths: list[str] = []
    value = Thing()
    weakref.finalize(value, deaths.append, "gone")
    run.show(f"with a name: {deaths}")
    run.expect(not deaths, "the object went while it had a name")
    del value
    run.show(f"right after del: {deaths}")
    run.expect(deaths == ["gone"], "the object outlived its last reference")


@stop()
def count_alias(run: Run) -> None:
    a = [1, 2, 3]
    counts = [getrefcount(a) - 1]
    b = a
    counts.append(getrefcount(a) - 1)
    b = None
    counts.append(getrefcount(a) - 1)
    ghost = weakref.ref(Thing())
    run.show(f"count with one name, with two, with one again: {counts}")
    run.expect(counts == [1, 2, 1] and b is None, f"the counts were {counts}")
    run.expect(ghost() is None, "an object without a name stayed")


@stop()
def counted_is_kept(run: Run) -> None:
    import gc

    kept = Thing()
    kept.itself = kept
    ghost = weakref.ref(kept)
    gc.collect()
    run.show(
        f"a cycle that still has a name, after gc.collect(): "
        f"{'there' if ghost() else 'gone'}, count {getrefcount(kept) - 1}"
    )
    run.expect(ghost() is kept, "an object in use was collected")


@stop()
def getrefcount_plus_one(run: Run) -> None:
    a: list[int] = []
    counts = [getrefcount(a)]
    b = a
    counts.append(getrefcount(a))
    del b
    counts.append(getrefcount(a))
    run.show(f"getrefcount of a new list, with a second name, after del: {counts}")
    run.expect(counts == [2, 3, 2], f"the counts were {counts}")


@stop()
def count_rises(run: Run) -> None:
    def inside(argument: object) -> int:
        return getrefcount(argument)

    x = [1]  # not 4: on 3.12 and later small integers are immortal, their counts stand still
    counts = {"created": getrefcount(x)}
    y = x
    counts["another name"] = getrefcount(x)
    counts["as an argument"] = inside(x)
    container = [1, x, "33"]
    counts["in a container"] = getrefcount(x)
    container.append(y)
    counts["twice in a container"] = getrefcount(x)
    run.show(", ".join(f"{what}: {count - 1}" for what, count in counts.items()))
    steps = list(counts.values())
    run.expect(steps[1] == steps[0] + 1, "a second name did not add one")
    run.expect(steps[2] > steps[1], "being an argument added nothing")
    run.expect(steps[3] == steps[1] + 1 and steps[4] == steps[3] + 1, "a container added nothing")


@stop()
def count_falls(run: Run) -> None:
    def local_scope(value: object) -> None:
        alias = value
        del value
        inside.append(getrefcount(alias))

    inside: list[int] = []
    x = [1]
    base = getrefcount(x)
    local_scope(x)
    after_scope = getrefcount(x)
    y = x
    del y
    after_del = getrefcount(x)
    y = x
    y = 789  # noqa: F841
    after_rebinding = getrefcount(x)
    container = [x]
    container.remove(x)
    after_removal = getrefcount(x)
    container = [x]
    with_container = getrefcount(x)
    del container
    after_container = getrefcount(x)
    run.show(
        f"in a function {inside[0] - 1}, after it {after_scope - 1}; after del "
        f"{after_del - 1}, rebinding {after_rebinding - 1}, removal {after_removal - 1}; in "
        f"a container {with_container - 1}, after its end {after_container - 1}"
    )
    run.expect(inside[0] > base and with_container == base + 1, "nothing was added first")
    ends = {after_scope, after_del, after_rebinding, after_removal, after_container}
    run.expect(ends == {base}, "a reference was not given back")


@stop()
def counts_under_lock(run: Run) -> None:
    threads_count, rounds = 4, 200_000
    shared = [1]
    before = getrefcount(shared)

    def work() -> None:
        for _ in range(rounds):
            alias = shared  # noqa: F841

    threads = [threading.Thread(target=work) for _ in range(threads_count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run.show(
        f"{threads_count} threads took and dropped {threads_count * rounds} references: "
        f"count {before - 1} before, {getrefcount(shared) - 1} after"
    )
    run.expect(getrefcount(shared) == before, "counts were lost between threads")
    run.expect(not sysconfig.get_config_var("Py_GIL_DISABLED"), "this build has no global lock")
    run.show("one lock, the interpreter's, guards all counts")
