"""A B-tree, as databases and ordered maps have it: many small containers that live long, are split
and rewritten, and are hardly ever garbage."""

import random
from bisect import bisect_left
from collections.abc import Callable, Iterator

WIDTH = 16  # keys of a full node
SCANNED = 20  # entries of a range query


class Node:
    """Keys in order; below an inner node one child more than it has keys. A leaf has none."""

    __slots__ = ("children", "keys", "values")

    def __init__(self, keys: list[int], values: list[object], children: list["Node"]) -> None:
        self.keys = keys
        self.values = values
        self.children = children

    def split(self) -> tuple[int, object, "Node"]:
        """Keeps the lower half. Returns the entry in the middle and the upper half."""
        middle = len(self.keys) // 2
        upper = Node(
            self.keys[middle + 1 :], self.values[middle + 1 :], self.children[middle + 1 :]
        )
        entry = self.keys[middle], self.values[middle]
        del self.keys[middle:], self.values[middle:], self.children[middle + 1 :]
        return *entry, upper


class Tree:
    """A map from ints, in order."""

    def __init__(self) -> None:
        self.root = Node([], [], [])

    def __setitem__(self, key: int, value: object) -> None:
        if len(self.root.keys) >= WIDTH:
            lower = self.root
            middle, of_middle, upper = lower.split()
            self.root = Node([middle], [of_middle], [lower, upper])
        node = self.root
        while True:
            at = bisect_left(node.keys, key)
            if at < len(node.keys) and node.keys[at] == key:
                node.values[at] = value
                return
            if not node.children:
                node.keys.insert(at, key)
                node.values.insert(at, value)
                return
            child = node.children[at]
            if len(child.keys) >= WIDTH:
                middle, of_middle, upper = child.split()
                node.keys.insert(at, middle)
                node.values.insert(at, of_middle)
                node.children.insert(at + 1, upper)
            else:
                node = child

    def __getitem__(self, key: int) -> object:
        node = self.root
        while True:
            at = bisect_left(node.keys, key)
            if at < len(node.keys) and node.keys[at] == key:
                return node.values[at]
            if not node.children:
                raise KeyError(key)
            node = node.children[at]

    def after(self, key: int) -> Iterator[tuple[int, object]]:
        """Entries from key on, in order."""
        waiting = []  # what is still to be told: a node, and from which of its keys on
        node = self.root
        while True:
            at = bisect_left(node.keys, key)
            waiting.append((node, at))
            if not node.children:
                break
            node = node.children[at]
        while waiting:
            node, at = waiting.pop()
            if at == len(node.keys):
                continue
            yield node.keys[at], node.values[at]
            waiting.append((node, at + 1))
            if node.children:
                node = node.children[at + 1]
                while node.children:
                    waiting.append((node, 0))
                    node = node.children[0]
                waiting.append((node, 0))


def btree(size: int, tick: Callable[[], None]) -> int:
    """Fills a tree in random order, a record an entry; on the way entries are looked up, rewritten
    and read in ranges."""
    chosen = random.Random(4)
    tree = Tree()
    known: list[int] = []
    checksum = 0
    for number in range(3_000 * size):
        key = chosen.getrandbits(40)
        tree[key] = {"key": key, "path": [number, number // 7]}
        known.append(key)
        old = known[chosen.randrange(len(known))]
        checksum += len(tree[old])
        tree[old] = {"key": old, "path": [number]}
        if number % 8 == 0:
            for _, (found, _) in zip(range(SCANNED), tree.after(old), strict=False):
                checksum += found & 0xFF
        tick()
    return checksum
