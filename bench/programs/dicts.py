"""Dicts: an index of records that is filled, merged, copied and emptied."""

import random
import sys

RECORDS = 2_000


def record(number: int, rng: random.Random) -> dict[str, object]:
    return {
        "id": number,
        "score": rng.random(),
        "tags": {f"tag{rng.getrandbits(4)}": number, "kind": "record"},
        "owner": f"user{number % 10_007}",
    }


def group(records: list[dict[str, object]]) -> dict[object, dict[object, dict[str, object]]]:
    """Records by owner, then by id."""
    owners: dict[object, dict[object, dict[str, object]]] = {}
    for entry in records:
        owners.setdefault(entry["owner"], {})[entry["id"]] = entry
    return owners


def main(size: int) -> int:
    """Builds, groups, merges and copies 2 * size batches of records."""
    rng = random.Random(2)
    index: dict[object, dict[object, dict[str, object]]] = {}
    checksum = 0
    for batch in range(size * 2):
        first = batch * RECORDS
        records = [record(first + offset, rng) for offset in range(RECORDS)]
        index |= group(records)
        copies = [{**entry, "batch": batch} for entry in records]
        checksum += sum(len(copy) for copy in copies)
        while len(index) > 9_000:
            checksum += len(index.pop(next(iter(index))))
    return checksum


if __name__ == "__main__":
    print(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100))
