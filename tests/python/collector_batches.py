"""A program that drops much garbage at once, of every shape, and tells what it sees of its end.

    collector_batches.py MODE SEED OBJECTS

What it prints must be the same whichever collector runs, but for the last line: in how many batches
Lair's had the garbage reclaimed. Within one collection the order of callbacks and finalizers is
nobody's promise: they are sorted.
"""

from __future__ import annotations

import gc
import random
import sys
import weakref

import lair
from lair import _core

events: list[str] = []
revived: list[Node] = []
told: list[dict[str, int]] = []


class Node:
    def __init__(self, name: int) -> None:
        self.name = name
        self.me = self
        self.kids: list[object] = []
        self.table: dict[object, object] = {"node": self}

    def whole(self) -> bool:
        return self.me is self and self.table["node"] is self and type(self.kids) is list


class Finalized(Node):
    """All it can reach is whole when it ends, and no garbage is on show."""

    def __del__(self) -> None:
        reached = [self, *(kid for kid in self.kids if isinstance(kid, Node))]
        whole = all(node.whole() for node in reached)
        gone = self.table.get("watch", bool)() is None
        events.append(f"del {self.name} {whole} {len(reached)} {gone}")
        if self.name % 5 == 0:
            revived.append(self)
        if self.name % 7 == 0:
            revived.append(reached[-1])
        if self.name % 101 == 0:
            look(f"look {self.name}")
        if self.name % 103 == 0:
            events.append(f"collect {gc.collect()} {gc.collect(1)}")
        if self.name % 107 == 0:
            gc.freeze()
            gc.unfreeze()


class Plain:
    """Makes code objects, which are not the collector's: each ends when what holds it is cleared,
    and a weak reference tells of it in the middle of that."""

    ended = 0
    watches: list[object] = []  # noqa: RUF012

    @staticmethod
    def make() -> object:
        plain = compile("0", "plain", "eval")
        Plain.watches.append(weakref.ref(plain, Plain.ends))
        return plain

    @staticmethod
    def ends(_: object) -> None:
        Plain.ended += 1
        if Plain.ended % 100 == 0:
            assert any(each is anchor for each in gc.get_objects())
            gc.freeze()
            gc.unfreeze()
        events.append("plain")


anchor = Node(-1)


def look(who: str) -> None:
    nodes = [each for each in gc.get_objects() if isinstance(each, Node)]
    anchored = any(each is anchor for each in nodes)
    held = any(each is anchor.table for each in gc.get_referrers(anchor))
    events.append(f"{who} {anchored} {held} {len(nodes)} {all(node.whole() for node in nodes)}")


class Clusters:
    """Nodes in cyclic clusters that refer to each other here and there, so that some are alive
    because others are."""

    def __init__(self, seed: int, count: int) -> None:
        self.random = random.Random(seed)
        self.finalized = self.random.choice((0, 0, 0.0005, 0.02, 0.3))
        self.watched = self.random.choice((0, 0, 0.0005, 0.02))
        self.plain = self.random.choice((0, 0.05))
        self.bridges = self.random.choice((0.0, 0.1, 0.5))
        self.largest = self.random.choice((3, 40, 40, 20_000))
        self.watchers: list[weakref.ref[Node]] = []
        self.made = 0
        self.clusters: list[list[Node]] = []
        while self.made < count:
            self.clusters.append(self.cluster())
        for cluster in self.clusters:
            if self.random.random() < self.bridges:
                self.link(self.random.choice(cluster), self.node())

    def node(self) -> Node:
        return self.random.choice(self.random.choice(self.clusters))

    def cluster(self) -> list[Node]:
        nodes = []
        for _ in range(self.random.randint(1, self.largest)):
            kind = Finalized if self.random.random() < self.finalized else Node
            nodes.append(kind(self.made))
            self.made += 1
        for node in nodes:
            self.link(node, self.random.choice(nodes))
            if self.random.random() < self.watched:
                self.watch(node, self.random.choice(nodes))
            if self.random.random() < self.plain:
                plain = Plain.make()
                node.kids.append(plain)
                other = self.random.choice(nodes)
                other.table["plain"] = weakref.ref(plain, lambda _: events.append("gone"))
        return nodes

    def link(self, one: Node, other: Node) -> None:
        how = self.random.randrange(4)
        if how == 0:
            one.kids.append(other)
        elif how == 1:
            one.table[other.name] = {"inner": (other, [other])}
        elif how == 2:
            one.kids.append((other, {other}))
        else:
            one.__dict__["extra"] = other

    def watch(self, node: Node, other: Node) -> None:
        name = node.name
        callback = lambda _: events.append(f"callback {name}")  # noqa: E731
        if self.random.random() < 0.5:
            self.watchers.append(weakref.ref(node, callback))
        else:
            other.table["watch"] = weakref.ref(node, callback)

    def drop(self, share: float) -> None:
        self.clusters = [each for each in self.clusters if self.random.random() >= share]


def collect(clusters: Clusters) -> int:
    """Collects, tells what is to be seen of it, and returns the number of batches."""
    before = gc.get_stats()
    found = gc.collect()
    after = gc.get_stats()
    batches = _core.collector_stats()["last_full"]["batches"] if clusters else 0
    deltas = [{key: after[i][key] - before[i][key] for key in after[i]} for i in range(len(before))]
    assert all(node.whole() for cluster in clusters.clusters for node in cluster)
    events.sort()
    print("found", found, told, deltas, gc.get_count()[1:], len(gc.garbage))
    print(len(events), hash_of(events), events[:20])
    print("revived", sorted(node.name for node in revived), all(node.whole() for node in revived))
    print("watched", sum(each() is not None for each in clusters.watchers))
    print("seen", sum(isinstance(each, Node) for each in gc.get_objects()))
    events.clear()
    told.clear()
    return batches


def hash_of(texts: list[str]) -> int:
    number = 0
    for text in texts:
        for byte in text.encode():
            number = (number * 131 + byte) % (1 << 61)
    return number


def note(phase: str, info: dict[str, int]) -> None:
    if phase == "stop":
        told.append(info)


def main(mode: str, seed: int, count: int) -> None:
    gc.disable()
    if mode != "stock":
        lair.attach(heap=False, collector=mode)
    for _ in range(3):
        gc.collect()
    gc.callbacks.append(note)
    batches = []
    clusters = Clusters(seed, count)
    batches.append(collect(clusters))
    clusters.drop(0.5)
    batches.append(collect(clusters))
    revived.sort(key=lambda node: node.name)
    del revived[::2]
    batches.append(collect(clusters))
    clusters.drop(1.0)
    revived.clear()
    for _ in range(3):
        batches.append(collect(clusters))
        revived.clear()
    print("batches", batches)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
