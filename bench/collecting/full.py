"""One full collection of a large heap: how long does gc.collect() take?

    python full.py KIND CONTAINERS GARBAGE

KIND: dicts, tree or json. CONTAINERS: live ones, about. GARBAGE: % of all that is cyclic garbage,
strewn among the live. Prints JSON: the seconds of a collection, and a checksum of what lives.
"""

import gc
import json
import sys
import time
from collections import deque
from collections.abc import Callable

REPEATS = 3  # collections without garbage; the median counts


class Node:
    """A node of a tree with parent links, so that all of it is one cycle."""

    def __init__(self, parent: "Node | None", number: int) -> None:
        self.parent = parent
        self.number = number
        self.children: list[Node] = []


class Strewer:
    """Drops small cycles among the live objects, so that they are the wanted share of all."""

    def __init__(self, percent: int) -> None:
        self.share = percent / (100 - percent)
        self.owed = 0.0
        self.dropped = 0

    def after(self, made: int) -> None:
        self.owed += self.share * made
        while self.owed >= 2:
            record: dict[str, object] = {"number": self.dropped}
            record["back"] = [record]
            self.owed -= 2
            self.dropped += 2


def dicts(count: int, strew: Callable[[int], None]) -> tuple[object, int]:
    shared = [1]
    live = []
    for number in range(count):
        live.append({"id": number, "x": number * 0.5, "ref": shared, "name": f"n{number}"})
        strew(1)
    return live, len(live)


def tree(count: int, strew: Callable[[int], None]) -> tuple[object, int]:
    root = Node(None, 0)
    made = 1
    growing = deque([root])
    while made < count // 2:
        parent = growing.popleft()
        for _ in range(4):
            child = Node(parent, made)
            parent.children.append(child)
            growing.append(child)
            made += 1
            strew(2)
    return root, made


def parsed(count: int, strew: Callable[[int], None]) -> tuple[object, int]:
    live = []
    for number in range(count // 5):
        text = (
            f'{{"id": {number}, "tags": ["a{number % 100}", "b", "c"], '
            f'"position": [{number}.5, {number}.25], '
            f'"meta": {{"key": "v{number}", "history": [1, 2, 3, {number}]}}}}'
        )
        live.append(json.loads(text))
        strew(5)
    return live, len(live)


KINDS = {"dicts": dicts, "tree": tree, "json": parsed}


def collection() -> tuple[float, int]:
    """Seconds, and what was found."""
    start = time.perf_counter()
    found = gc.collect()
    return time.perf_counter() - start, found


def main(kind: str, count: int, garbage: int) -> dict[str, object]:
    gc.collect()
    gc.disable()
    strewer = Strewer(garbage)
    live, checksum = KINDS[kind](count, strewer.after)
    seconds, found = collection()
    if found < strewer.dropped:
        raise SystemExit(f"{found} objects were collected, {strewer.dropped} were dropped")
    if garbage == 0:
        seconds = sorted(collection()[0] for _ in range(REPEATS))[REPEATS // 2]
    assert live is not None
    return {"checksum": checksum, "measures": {"collect": seconds}}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
