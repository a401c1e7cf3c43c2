"""How much memory stays after a program has freed nearly everything.

Fills the memory with small objects of mixed kinds, frees them (`all`), half of them at random
(`half`) or all but 1 % at random (`most`), and prints as JSON the resident memory in bytes: before,
full, immediately after freeing, and after one quiet second.
"""

import json
import random
import sys
import time
from pathlib import Path

KINDS = 6


class Entry:
    """An object with ordinary attributes."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.name = f"entry {number}"


def make(number: int) -> object:
    """An object of one of six kinds, of one block to four."""
    kind = number % KINDS
    if kind == 0:
        return Entry(number)
    if kind == 1:
        return (number, number * 0.5)
    if kind == 2:
        return {"number": number, "half": number / 2}
    if kind == 3:
        return f"a string with the number {number}"
    if kind == 4:
        return [number, number + 1, str(number)]
    return bytes(number % 200)


def resident() -> int:
    """Resident memory of this process, in bytes."""
    with Path("/proc/self/status").open() as status:
        line = next(line for line in status if line.startswith("VmRSS"))
    return int(line.split()[1]) * 1024


def main(size: int, what: str) -> None:
    share_freed = {"all": 1.0, "half": 0.5, "most": 0.99}[what]
    rng = random.Random(8)
    before = resident()
    objects: list[object] = [make(number) for number in range(size * 20_000)]
    full = resident()
    if what == "all":
        del objects
        kept = 0
    else:
        doomed = rng.sample(range(len(objects)), int(len(objects) * share_freed))
        for place in doomed:
            objects[place] = None
        del doomed
        kept = len(objects) - objects.count(None)
    freed = resident()
    time.sleep(1.0)
    readings = {"before": before, "full": full, "freed": freed, "quiet": resident()}
    print(json.dumps({"checksum": kept, "resident": readings}))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
