"""Whole programs, and how long their own small steps take: every pause counts, wherever it comes
from.

    python steps.py PROGRAM SIZE

SIZE: % of a full run. Prints JSON: the longest step, that which 99.9 % do not exceed, and the
median, in seconds; and a checksum.
"""

import gc
import json
import random
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator


class Record:
    """An old record: refers to itself through its dict, so that only the collector frees it."""

    __slots__ = ("fields", "links", "owner")

    def __init__(self, number: int) -> None:
        self.fields = {"number": number, "record": self}
        self.links = [self]
        self.owner: Record | None = None


def churn_json(size: int) -> Iterator[int]:
    """Parses documents, keeps the last thousands, forgets the oldest."""
    document = json.dumps(
        [
            {"id": number, "tags": ["x", "y", str(number)], "at": {"lat": number, "lon": 0.5}}
            for number in range(20)
        ]
    )
    kept: deque[object] = deque(maxlen=60 * size)
    for _ in range(300 * size):
        kept.append(json.loads(document))
        yield len(kept)


def churn_records(size: int) -> Iterator[int]:
    """Replaces records of a large set, any of them, one at a time."""
    chosen = random.Random(1)
    records = [Record(number) for number in range(3_300 * size)]
    for number in range(6_000 * size):
        record = Record(number)
        record.owner = records[chosen.randrange(len(records))]
        record.owner.owner = None
        records[chosen.randrange(len(records))] = record
        yield number


def queue(size: int) -> Iterator[int]:
    """A queue of small cycles at a fixed length."""
    waiting: deque[object] = deque()
    for number in range(12_000 * size):
        record: dict[str, object] = {"number": number}
        record["back"] = [record]
        waiting.append(record)
        if len(waiting) > 1_000 * size:
            waiting.popleft()
        yield number


def requests(size: int) -> Iterator[int]:
    """Serves requests from a large cache, as a web application does."""
    cache = {
        number: {"body": [number] * 3, "headers": {"n": number}} for number in range(3_000 * size)
    }
    sessions: dict[int, object] = {}
    for number in range(5_000 * size):
        request = {
            "path": f"/item/{number % len(cache)}",
            "headers": {"host": "example.org", "accept": ["text/html", "*/*"]},
        }
        context: dict[str, object] = {"request": request, "user": {"id": number % 997}}
        context["self"] = context
        page = cache[number % len(cache)]
        sessions[number % 5_000] = {"context": context, "page": page}
        yield number


PROGRAMS: dict[str, Callable[[int], Iterator[int]]] = {
    "churn_json": churn_json,
    "churn_records": churn_records,
    "queue": queue,
    "requests": requests,
}


def main(program: str, size: int) -> dict[str, object]:
    gc.collect()
    steps = []
    checksum = 0
    last = None
    for done in PROGRAMS[program](size):
        now = time.perf_counter()
        if last is not None:  # the first step makes what the program starts with
            steps.append(now - last)
        checksum += done
        last = time.perf_counter()
    steps.sort()
    return {
        "checksum": checksum,
        "measures": {
            "longest": steps[-1],
            "p999": steps[len(steps) * 999 // 1000],
            "median": steps[len(steps) // 2],
        },
    }


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]))))
