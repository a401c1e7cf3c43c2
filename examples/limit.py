"""A program that meets its memory limit, and goes on.

    lair run -X maxheapsize=64M examples/limit.py

or plainly `python examples/limit.py`: it attaches Lair and sets the limit by itself.
"""

import lair


def load_greedily(records: int) -> list[dict[str, int]]:
    return [{"id": number, "square": number * number} for number in range(records)]


def load_in_batches(records: int, batch: int) -> int:
    total = 0
    for start in range(0, records, batch):
        total += sum(number * number for number in range(start, min(start + batch, records)))
    return total


def main() -> None:
    try:
        lair.ledger()
    except RuntimeError:
        lair.attach(strict=True)
    lair.limit.hard = lair.limit.hard or "64M"
    print(f"limit {lair.limit.hard:,} bytes, soft {lair.limit.soft:,}")
    try:
        records = load_greedily(5_000_000)
        print(f"{len(records):,} records fit")
    except MemoryError:
        print(f"5,000,000 records do not fit; footprint now {lair.ledger()['footprint']:,} bytes")
        print(f"in batches: {load_in_batches(5_000_000, 10_000):,}")


if __name__ == "__main__":
    main()
