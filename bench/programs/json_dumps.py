"""JSON, writing: records to text, through the encoder that everybody uses."""

import json
import random
import sys


def make_records(count: int) -> list[dict[str, object]]:
    rng = random.Random(3)
    return [
        {
            "id": number,
            "name": f"user {number}",
            "active": bool(number % 3),
            "balance": round(rng.random() * 10_000, 2),
            "tags": [f"tag{rng.getrandbits(5)}" for _ in range(4)],
            "address": {"street": f"{number} Main Street", "zip": None, "floor": number % 40},
        }
        for number in range(count)
    ]


def main(size: int) -> int:
    """Writes 10,000 records as one text size / 4 times, and a part of them indented and sorted."""
    records = make_records(10_000)
    checksum = 0
    for _ in range((size + 3) // 4):
        checksum += len(json.dumps(records))
        for record in records[::5]:
            checksum += len(json.dumps(record, indent=2, sort_keys=True))
    return checksum


if __name__ == "__main__":
    print(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100))
