"""A program that builds random graphs of objects and tells what the collector did with them.

    collector_graphs.py MODE SEED STEPS [automatic [fails]]

MODE "incremental" does the smallest slices there are, so that the program runs between as many of
them as can be.

With gc.disable() everything that happens is fixed by SEED, so that what it prints must be the same
whichever collector runs: test_collector_graphs.py compares. Within one collection the order of
callbacks and finalizers is nobody's promise: they are sorted. With "automatic", collections come
when they come; then the program checks what must hold at any time, and prints what is left at the
end, after everything has been dropped and collected. With "fails" as well it ends in the middle, by
an exception, and leaves all to the end of the interpreter.
"""

from __future__ import annotations

import gc
import random
import sys
import weakref

import lair  # in every mode: what it makes is part of what is collected
from lair import _core

events: list[str] = []
resurrected: list[Node] = []
finalized: dict[int, int] = {}
names = iter(range(1 << 62))


class Node:
    """Refers to itself and to others by every kind of container."""

    def __init__(self) -> None:
        self.name = next(names)
        self.me = self
        self.kids: list[object] = []
        self.table: dict[object, object] = {"node": self}

    def check(self) -> None:
        assert self.me is self
        assert self.table["node"] is self
        assert type(self.kids) is list


class Slotted(Node):
    __slots__ = ("more", "others")

    def __init__(self) -> None:
        super().__init__()
        self.more = (self, [self])
        self.others = {self.name, frozenset([self.name])}

    def check(self) -> None:
        super().check()
        assert self.more[0] is self
        assert self.more[1] == [self]


class Finalized(Node):
    """Resurrects itself, some of the time; its world must be whole then."""

    def __del__(self) -> None:
        finalized[self.name] = finalized.get(self.name, 0) + 1
        assert finalized[self.name] == 1
        self.check()
        events.append(f"del {self.name}")
        if self.name % 5 == 0:
            resurrected.append(self)
        if self.name % 7 == 0 and not Program.frozen:
            # Survivors are where they were, seen from the middle of a collection.
            assert any(each is anchor for each in gc.get_objects())
            assert any(each is anchor for each in gc.get_referrers(anchor.kids, anchor.table))
        if self.name % 11 == 0:
            assert gc.collect() == 0  # a collection is under way already


anchor = Node()


class Program:
    """What stays alive, and a step that changes it."""

    frozen = False

    def __init__(self, seed: int, automatic: bool) -> None:
        self.random = random.Random(seed)
        self.automatic = automatic
        self.live: list[Node] = [Node() for _ in range(60)]
        self.watched: list[weakref.ref[Node]] = []
        self.generators: list[object] = []

    def pick(self) -> Node:
        return self.live[self.random.randrange(len(self.live))]

    def step(self) -> None:
        chance = self.random.randrange(100)
        if chance < 30:
            self.replace()
        elif chance < 42:
            self.link()
        elif chance < 50:
            one, other = self.pick(), self.pick()
            one.kids, other.kids = other.kids, one.kids
        elif chance < 56:
            self.watch()
        elif chance < 60:
            self.move_through_local()
        elif chance < 64:
            self.pick().kids.clear()
        elif chance < 68:
            self.untrackable()
        elif chance < 71:
            self.suspend()
        elif chance < 73:
            self.own_reference()
        elif chance < 75:
            self.strong_again()
        elif chance < 76:
            self.freeze()
        elif chance < 78:
            self.look()
        elif chance < 84:
            self.collect(self.random.randrange(3))

    def replace(self) -> None:
        kind = self.random.choice((Node, Node, Slotted, Finalized))
        node = kind()
        node.kids.append(self.pick())
        if self.random.random() < 0.5:
            self.pick().kids.append(node)
        self.live[self.random.randrange(len(self.live))] = node

    def link(self) -> None:
        one, other = self.pick(), self.pick()
        how = self.random.randrange(5)
        if how == 0:
            one.kids.append(other)
        elif how == 1:
            one.table[len(one.table)] = other
        elif how == 2:
            one.kids.append((other, (1, 2, (other,))))
        elif how == 3:
            one.kids.append({"only": {"inner": other}})
        else:
            one.__dict__[f"extra{len(one.kids) % 9}"] = {other.name: [other]}
        if len(one.kids) > 6:
            del one.kids[:4]

    def watch(self) -> None:
        node = self.pick()
        name = node.name
        self.watched.append(weakref.ref(node, lambda _: events.append(f"callback {name}")))

    def own_reference(self) -> None:
        """A weak reference that dies with its referent: its callback never comes."""
        node = self.pick()
        name = node.name
        node.table["watch"] = weakref.ref(node, lambda _: events.append(f"never {name}"))

    def strong_again(self) -> None:
        if self.watched:
            place = self.random.randrange(len(self.watched))
            node = self.watched[place]()
            if node is None:
                self.watched.pop(place)
            else:
                node.check()
                self.live[self.random.randrange(len(self.live))] = node

    def move_through_local(self) -> None:
        one = self.pick()
        kids, one.kids = one.kids, []
        if self.random.random() < 0.5:
            self.collect(2)
        other = self.pick()
        other.kids = kids

    def untrackable(self) -> None:
        node = self.pick()
        node.table["plain"] = {1: 2, "three": (4, (5, 6))}
        node.table["was"] = {"tracked": []}
        node.table["was"]["tracked"] = None  # type: ignore[index]

    def suspend(self) -> None:
        def generator(node: Node):  # type: ignore[no-untyped-def]
            held = [node]
            yield held
            held.append(node)
            yield held

        each = generator(self.pick())
        next(each)
        self.pick().kids.append(each)
        self.generators.append(each)
        if len(self.generators) > 20:
            del self.generators[:10]

    def freeze(self) -> None:
        if self.automatic:
            return
        if Program.frozen:
            gc.unfreeze()
        else:
            gc.freeze()
        Program.frozen = not Program.frozen

    def look(self) -> None:
        count = 0
        for each in gc.get_objects():
            if isinstance(each, Node):
                each.check()
                count += 1
        if not self.automatic:
            print("objects", count)

    def collect(self, generation: int) -> None:
        if self.automatic and self.random.random() < 0.98:
            generation = 0  # what is old is to be found by collections that start by themselves
        found = gc.collect(generation)
        if not self.automatic:
            print("collect", generation, found, sorted(events), gc.get_freeze_count() > 0)
            print("tracked", [self.tracked(node) for node in self.live[:20]] if found else "")
            print("alive", sum(each() is not None for each in self.watched), len(resurrected))
        events.clear()
        resurrected.sort(key=lambda node: node.name)
        del resurrected[: len(resurrected) // 2]

    def tracked(self, node: Node) -> list[bool]:
        return [gc.is_tracked(each) for each in (*node.table.values(), *node.kids)]

    def check(self) -> None:
        for node in (*self.live, *resurrected):
            node.check()
        assert not any(event.startswith("never") for event in events), events


def main(mode: str, seed: int, steps: int, automatic: bool, fails: bool) -> None:
    gc.disable()
    if mode != "stock":
        lair.attach(heap=False, collector=mode)
    _core.tune_collector(seed % 20 + 1, 0, 100 * (seed % 3))
    for _ in range(3):
        gc.collect()
    if automatic:
        gc.set_threshold(seed % 50 + 1, seed % 4 + 1, seed % 3 + 1)
        gc.enable()
    phases: list[str] = []
    gc.callbacks.append(lambda phase, info: phases.append(phase))
    program = Program(seed, automatic)
    for step in range(steps):
        program.step()
        if step % 50 == 0:
            program.check()
        if step % 2500 == 1000:
            if mode != "stock":
                lair.detach()
            program.collect(2)
            if mode != "stock":
                lair.attach(heap=False, collector=mode)
    if fails:
        raise NotImplementedError
    if automatic and mode == "incremental":
        assert _core.collector_stats()["slices"] > steps // 100, _core.collector_stats()
    gc.unfreeze()
    gc.disable()
    made = next(names)
    del program
    for _ in range(10):
        resurrected.clear()
        gc.collect()
    left = [each for each in gc.get_objects() if isinstance(each, Node) and each is not anchor]
    if not automatic:
        print(len(phases), phases.count("start"), "made", made)
    print("left", len(left), "finalized", max(finalized.values()), "garbage", gc.garbage)
    assert phases.count("start") == phases.count("stop")
    print("done")


if __name__ == "__main__":
    more = sys.argv[4:]
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), "automatic" in more, "fails" in more)
