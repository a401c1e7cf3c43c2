"""Whole programs, and how long their own small steps take: every pause counts, wherever it comes
from.

    python steps.py PROGRAM SIZE [off]

SIZE: % of a full run; off: without automatic collections, which shows what of the longest steps is
the program's own or the system's. Prints JSON: the longest step and that which 99.9 % do not
exceed, in seconds; how many steps there were, and the share of them above LIMIT; and a checksum.
"""

import gc
import json
import sys
from array import array
from collections.abc import Callable
from heapq import nlargest
from time import perf_counter

from btree import btree
from programs import (
    churn_json,
    churn_records,
    large_clean,
    large_final,
    lists,
    old_garbage,
    queue,
    requests,
)
from publish import documents

LIMIT = 1.5e-3  # seconds; what a program that answers people can spare

PROGRAMS: dict[str, Callable[[int, Callable[[], None]], int]] = {
    "churn_json": churn_json,
    "churn_records": churn_records,
    "queue": queue,
    "requests": requests,
    "lists": lists,
    "btree": btree,
    "documents": documents,
    "old_garbage": old_garbage,
    "large_clean": large_clean,
    "large_final": large_final,
}


class Clock:
    """Notes the time between ticks, from the first one on. What a program starts with is made
    before that."""

    ROOM = 1 << 20  # steps; so that noting them hardly ever needs memory

    def __init__(self) -> None:
        self.taken = array("f", [0.0]) * self.ROOM
        self.steps = 0
        self.last = 0.0

    def tick(self) -> None:
        """The end of a step. It is part of the next one, so that there is no time between."""
        now = perf_counter()
        if self.last:
            if self.steps == len(self.taken):
                self.taken.extend(array("f", [0.0]) * self.ROOM)
                now = perf_counter()  # one step in a million is not noted
            else:
                self.taken[self.steps] = now - self.last
                self.steps += 1
        self.last = now

    def measures(self) -> dict[str, float | int]:
        taken = self.taken[: self.steps]
        if not taken:
            raise SystemExit("the program made no step")
        largest = nlargest(self.steps - self.steps * 999 // 1000, taken)
        return {
            "longest": largest[0],
            "p999": largest[-1],
            "steps": self.steps,
            "above": sum(each > LIMIT for each in taken) / self.steps,
        }


def main(program: str, size: int, collecting: bool) -> dict[str, object]:
    gc.collect()
    if not collecting:
        gc.disable()
    clock = Clock()
    checksum = PROGRAMS[program](size, clock.tick)
    return {"checksum": checksum, "measures": clock.measures()}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]), "off" not in sys.argv[3:])))
