"""Cycles, generations and what starts a collection, as the gc module shows them."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from sys import getrefcount

import lair
from lair import _core
from lair.tour.evidence import Run, stop


class Node:
    """A member of a cycle."""

    def __init__(self) -> None:
        self.other: Node | None = None


def dropped_cycle() -> weakref.ref[Node]:
    """Two objects that only hold each other."""
    a, b = Node(), Node()
    a.other, b.other = b, a
    return weakref.ref(a)


def generation_of(value: object) -> int | None:
    for generation in range(3):
        if any(each is value for each in gc.get_objects(generation)):
            return generation
    return None


@stop()
def cycle_defeats_counts(run: Run) -> None:
    gc.disable()
    ghost = dropped_cycle()
    a: list[object] = []
    b: list[object] = [a]
    a.append(b)
    run.show(f"two lists that hold each other print as {a!r}")
    alive = ghost() is not None
    found = gc.collect()
    run.show(
        f"two objects without a name: {'still there' if alive else 'gone'}; gc.collect() "
        f"found {found}, then {'still there' if ghost() else 'gone'}"
    )
    run.expect(alive, "the cycle went without a collection")
    run.expect(ghost() is None, "the cycle outlived the collection")


@stop()
def cycle_of_dicts(run: Run) -> None:
    def create_cycle() -> None:
        x: dict[str, object] = {}
        y: dict[str, object] = {}
        x["y"], y["x"] = y, x

    gc.collect()
    gc.disable()
    for _ in range(100):
        create_cycle()
    found = gc.collect()
    run.show(f"100 calls left {found} unreachable objects for the collector")
    run.expect(found >= 200, "the dicts went by themselves")


@stop()
def root_set(run: Run) -> None:
    lair.attach(heap=False, collector="auto")
    kept = [Node() for _ in range(10_000)]
    for node in kept:
        node.other = kept[0]
    gc.collect()
    gc.collect()
    full = _core.collector_stats()["last_full"]
    run.show(
        f"of {full['survivors']:,} survivors all but {full['suspects']:,} were reached from "
        "modules, the frames of all threads and what the interpreter's own state holds"
    )
    run.expect(full["suspects"] < full["survivors"] - 10_000, "a local variable was no root")
    del kept, node
    gc.collect()
    run.show(
        f"the variable deleted: {full['survivors'] - len(gc.get_objects()):,} objects fewer "
        "before the collector had to count anything"
    )


@stop()
def copies_find_roots(run: Run) -> None:
    lair.attach(heap=False, collector="auto")
    gc.disable()
    gc.collect()
    gc.collect()
    inside = Node()
    inside.other = inside
    hidden = iter([inside])  # no root refers to the list: the iterator does, in a field of its own
    holder = weakref.ref(inside)
    garbage = dropped_cycle()
    del inside
    gc.collect()
    full = _core.collector_stats()["last_full"]
    run.show(
        f"{full['suspects']:,} objects that no root reached were put to the trial: "
        f"{full['garbage']} had no reference left once theirs to each other were taken off copies "
        "of their counts"
    )
    run.expect(garbage() is None, "garbage kept a count")
    run.expect(holder() is next(hidden), "what lives was taken for garbage")
    run.expect(2 <= full["garbage"] < full["suspects"], "nothing was decided by counts")


@stop()
def unreachable_is_cleared(run: Run) -> None:
    gc.disable()
    ghost = dropped_cycle()
    kept, reached = Node(), Node()
    kept.other = reached
    reached.other = kept
    watch = weakref.ref(reached)
    del reached
    gc.collect()
    run.show(
        f"reachable from a local: {'kept' if watch() else 'gone'}; unreachable: "
        f"{'kept' if ghost() else 'gone'}"
    )
    run.expect(watch() is kept.other, "a reachable object was cleared")
    run.expect(ghost() is None, "an unreachable object was kept")


@stop()
def survivors_stay(run: Run) -> None:
    kept = [Node() for _ in range(1000)]
    before = [id(node) for node in kept]
    gc.collect()
    moved = sum(id(node) != address for node, address in zip(kept, before, strict=True))
    run.show(f"of {len(kept)} survivors {moved} changed their address")
    run.expect(moved == 0, "the collector moved objects")
    run.differs("survivors stay where they are; CPython's collector neither moves nor gathers")


@stop()
def collection_keeps_counts(run: Run) -> None:
    kept = [Node() for _ in range(100)]
    for node in kept:
        node.other = kept[0]
    before = [getrefcount(node) for node in kept]
    gc.collect()
    after = [getrefcount(node) for node in kept]
    run.show(
        f"counts of 100 objects before and after a collection: sums {sum(before)} and {sum(after)}"
    )
    run.expect(before == after, "a collection changed counts")


@stop()
def generations_promote(run: Run) -> None:
    gc.disable()
    gc.collect()
    kept = Node()
    path = [generation_of(kept)]
    gc.collect(0)
    path.append(generation_of(kept))
    gc.collect(1)
    path.append(generation_of(kept))
    run.show(f"generation of an object when new, after one collection, after two: {path}")
    run.expect(path == [0, 1, 2], f"it went through {path}")


@stop()
def generations_three(run: Run) -> None:
    run.show(
        f"gc.get_threshold(): {gc.get_threshold()}; gc.get_count(): {gc.get_count()}; "
        f"gc.get_stats() has {len(gc.get_stats())} entries"
    )
    run.expect(len(gc.get_stats()) == 3, "there are not three generations")
    run.differs("there are three generations, and they are lists of objects, not spaces of memory")


@stop()
def old_garbage_waits(run: Run) -> None:
    gc.disable()
    old = Node()
    old.other = old
    watch = weakref.ref(old)
    gc.collect()
    del old
    gc.collect(0)
    gc.collect(1)
    young_only = watch() is not None
    gc.collect(2)
    run.show(
        f"old garbage after young collections: {'there' if young_only else 'gone'}; after a "
        f"full one: {'there' if watch() else 'gone'}"
    )
    run.expect(young_only and watch() is None, "garbage was not found when it was due")


@stop()
def gc_parameters(run: Run) -> None:
    before = gc.get_threshold()
    gc.set_threshold(500, 5, 5)
    run.show(f"thresholds {before}, set to {gc.get_threshold()}")
    run.expect(gc.get_threshold() == (500, 5, 5), "the thresholds were not set")
    states = [gc.isenabled()]
    gc.disable()
    states.append(gc.isenabled())
    gc.enable()
    states.append(gc.isenabled())
    run.show(f"gc.isenabled() at first, after disable, after enable: {states}")
    run.expect(states == [True, False, True], "switching had no effect")


@stop()
def gc_collect_and_stats(run: Run) -> None:
    gc.disable()
    before = gc.get_stats()[2]
    ghost = dropped_cycle()
    found = gc.collect()
    after = gc.get_stats()[2]
    run.show(
        f"gc.collect() found {found}; full collections {before['collections']} to "
        f"{after['collections']}, collected {before['collected']} to {after['collected']}"
    )
    run.expect(ghost() is None and found >= 2, "a call collected nothing")
    run.expect(after["collections"] == before["collections"] + 1, "the statistics did not count it")


@stop()
def threshold_triggers(run: Run) -> None:
    seen: list[int] = []
    gc.collect()
    gc.callbacks.append(lambda phase, info: seen.append(info["generation"]))
    gc.set_threshold(100, 10, 10)
    kept = [Node() for _ in range(1000)]
    run.show(
        f"{len(kept)} new objects at a threshold of 100: {len(seen) // 2} collections started "
        "by themselves"
    )
    run.expect(len(seen) >= 2, "the threshold started nothing")


@stop()
def exit_triggers(run: Run) -> None:
    program = (
        "import gc; gc.disable()\n"
        "class Node:\n"
        "    def __del__(self): print('finalized')\n"
        "node = Node(); node.itself = node; del node\n"
        "print('the program ends')\n"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    lines = result.stdout.splitlines()
    run.show(f"a program with an unreachable cycle printed: {', '.join(lines)}")
    run.expect(lines == ["the program ends", "finalized"], "the end collected nothing")


@stop()
def default_thresholds(run: Run) -> None:
    thresholds = gc.get_threshold()
    run.show(f"gc.get_threshold(): {thresholds}")
    run.expect(len(thresholds) == 3 and thresholds[0] > 0, "there are no thresholds")
    if thresholds != (700, 10, 10):
        version = ".".join(map(str, sys.version_info[:2]))
        run.differs(f"CPython {version} starts with {thresholds}")


@stop()
def most_die_young(run: Run) -> None:
    gc.collect()
    gc.set_threshold(1000, 10, 10)
    seen: list[tuple[str, int]] = []
    gc.callbacks.append(lambda phase, info: seen.append((phase, info["collected"])))
    births = 20_000
    kept = []
    for number in range(births):
        node = Node()
        node.other = node  # only the collector can reclaim it
        if number % 50 == 0:
            kept.append(node)
    gc.disable()
    died = sum(collected for phase, collected in seen if phase == "stop")
    run.show(
        f"of {births} objects, one in fifty kept, {died} died in young collections "
        f"({100 * died / births:.0f} %)"
    )
    run.expect(died > births * 0.8, "young collections found little")
