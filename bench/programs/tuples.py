"""Tuples: tables of rows that are sorted, grouped, zipped and thrown away."""

import random
import sys
from itertools import groupby
from operator import itemgetter

Row = tuple[int, float, tuple[int, int], str]
ROWS = 6_000


def table(rng: random.Random) -> list[Row]:
    return [
        (rng.getrandbits(7), rng.random() * 1000.0, (row, row * 3), f"row {row}")
        for row in range(ROWS)
    ]


def transform(rows: list[Row]) -> int:
    """Sorts, groups and turns the table; every step makes a new tuple for each row."""
    rows = sorted(rows)
    totals = []
    for key, group in groupby(rows, key=itemgetter(0)):
        members = tuple((value, place) for _, value, place, _ in group)
        totals.append((key, len(members), sum(value for value, _ in members)))
    columns = tuple(zip(*rows, strict=True))
    turned = list(zip(columns[3], columns[2], columns[1], strict=True))
    moved = [(name, (x + 1, y - 1), value / 2) for name, (x, y), value in turned]
    checksum: int = len(totals) + sum([place[0] for _, place, _ in moved])
    return checksum


def main(size: int) -> int:
    """Transforms size tables; the last 20 stay alive."""
    rng = random.Random(1)
    recent: list[list[Row]] = []
    checksum = 0
    for _ in range(size):
        recent.append(table(rng))
        if len(recent) > 20:
            del recent[0]
        checksum += transform(recent[-1])
    return checksum


if __name__ == "__main__":
    print(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100))
