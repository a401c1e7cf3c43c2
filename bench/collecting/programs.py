"""The programs of steps.py. Each takes a size (100: a full run) and a function to call at the end
of each of its steps, and returns a checksum."""

import gc
import json
import random
from collections import deque
from collections.abc import Callable


class Record:
    """An old record: refers to itself through its dict, so that only the collector frees it."""

    __slots__ = ("fields", "links", "owner")

    def __init__(self, number: int) -> None:
        self.fields = {"number": number, "record": self}
        self.links = [self]
        self.owner: Record | None = None


def churn_json(size: int, tick: Callable[[], None]) -> int:
    """Parses documents, keeps the last thousands, forgets the oldest."""
    document = json.dumps(
        [
            {"id": number, "tags": ["x", "y", str(number)], "at": {"lat": number, "lon": 0.5}}
            for number in range(20)
        ]
    )
    kept: deque[object] = deque(maxlen=60 * size)
    done = 0
    for _ in range(300 * size):
        kept.append(json.loads(document))
        done += len(kept)
        tick()
    return done


def churn_records(size: int, tick: Callable[[], None]) -> int:
    """Replaces records of a large set, any of them, one at a time: a million containers."""
    return _replace_records(3_300 * size, 6_000 * size, tick)


def old_garbage(size: int, tick: Callable[[], None]) -> int:
    """The same with five million containers. What becomes garbage is old, and all over memory."""
    return _replace_records(16_700 * size, 15_000 * size, tick)


def _replace_records(live: int, replaced: int, tick: Callable[[], None]) -> int:
    chosen = random.Random(1)
    records = [Record(number) for number in range(live)]
    for number in range(replaced):
        record = Record(number)
        record.owner = records[chosen.randrange(live)]
        record.owner.owner = None
        records[chosen.randrange(live)] = record
        tick()
    return sum(record.fields["number"] for record in records)


def queue(size: int, tick: Callable[[], None]) -> int:
    """A queue of small cycles at a fixed length."""
    waiting: deque[dict[str, object]] = deque()
    for number in range(12_000 * size):
        record: dict[str, object] = {"number": number}
        record["back"] = [record]
        waiting.append(record)
        if len(waiting) > 1_000 * size:
            waiting.popleft()
        tick()
    return sum(record["number"] for record in waiting)


def requests(size: int, tick: Callable[[], None]) -> int:
    """Serves requests from a large cache, as a web application does."""
    cache = {
        number: {"body": [number] * 3, "headers": {"n": number}} for number in range(3_000 * size)
    }
    sessions: dict[int, dict[str, object]] = {}
    for number in range(5_000 * size):
        request = {
            "path": f"/item/{number % len(cache)}",
            "headers": {"host": "example.org", "accept": ["text/html", "*/*"]},
        }
        context: dict[str, object] = {"request": request, "user": {"id": number % 997}}
        context["self"] = context
        page = cache[number % len(cache)]
        sessions[number % 5_000] = {"context": context, "page": page}
        tick()
    return sum(session["page"]["body"][0] for session in sessions.values())


# -- linked lists --------------------------------------------------------------------------------


class Link:
    """A link of a list that can be followed both ways, so that all of a list is one cycle."""

    __slots__ = ("following", "number", "preceding")

    def __init__(self, number: int, preceding: "Link | None") -> None:
        self.number = number
        self.preceding = preceding
        self.following: Link | None = None
        if preceding is not None:
            preceding.following = self


LIST = 5_000  # links
LINKS_A_STEP = 10


def lists(size: int, tick: Callable[[], None]) -> int:
    """Keeps long linked lists, a million links, and replaces them by new ones, any of them. A new
    one grows a few links a step."""
    chosen = random.Random(3)
    kept = [_linked(LIST, lambda: None) for _ in range(2 * size)]
    for _ in range(6 * size):
        kept[chosen.randrange(len(kept))] = _linked(LIST, tick)
    return sum(_length(first) for first in kept)


def _linked(length: int, tick: Callable[[], None]) -> Link:
    first = last = Link(0, None)
    for number in range(1, length):
        last = Link(number, last)
        if number % LINKS_A_STEP == 0:
            tick()
    return first


def _length(first: Link | None) -> int:
    length = 0
    while first is not None:
        first = first.following
        length += 1
    return length


# -- garbage in large pieces ---------------------------------------------------------------------


class Node:
    """A node of a tree with parent links."""

    __slots__ = ("children", "parent")

    def __init__(self, parent: "Node | None") -> None:
        self.parent = parent
        self.children: list[Node] = []
        if parent is not None:
            parent.children.append(self)


class FinalNode(Node):
    """The root of a tree that wants to know when it goes."""

    __slots__ = ()
    gone = 0

    def __del__(self) -> None:
        FinalNode.gone += 1


NODES_A_STEP = 10
TREES = 40


def large_clean(size: int, tick: Callable[[], None]) -> int:
    """Beside a large live set, builds trees of a hundred thousand containers, each one cycle, and
    forgets all but the last few."""
    return _grow_trees(size, tick, Node)


def large_final(size: int, tick: Callable[[], None]) -> int:
    """The same with a finalizer in each tree, which has to be run before any of it may go."""
    checksum = _grow_trees(size, tick, FinalNode)
    gc.collect()
    if FinalNode.gone != TREES:
        raise SystemExit(f"{FinalNode.gone} finalizers ran, not {TREES}")
    return checksum


def _grow_trees(size: int, tick: Callable[[], None], root: type[Node]) -> int:
    live = [Record(number) for number in range(3_300 * size)]
    kept: deque[Node] = deque(maxlen=3)
    nodes = 0
    for _ in range(TREES):
        kept.append(root(None))
        growing = deque([kept[-1]])
        for number in range(500 * size):
            growing.append(Node(growing[0]))
            if number % 4 == 3:
                growing.popleft()
            if number % NODES_A_STEP == 0:
                tick()
        nodes += 1 + number
    return nodes + len(live)
