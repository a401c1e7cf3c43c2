"""JSON, reading: text to records, of which the newest few stay alive."""

import json
import random
import sys


def make_text(count: int) -> str:
    rng = random.Random(4)
    return json.dumps(
        [
            {
                "id": number,
                "name": f"user {number}",
                "email": f"user{number}@example.org",
                "visits": [rng.getrandbits(20) for _ in range(6)],
                "position": [rng.random() * 180, rng.random() * 90],
                "profile": {"kind": f"kind{number % 9}", "score": rng.random(), "notes": ""},
            }
            for number in range(count)
        ]
    )


def main(size: int) -> int:
    """Reads a document of 2,500 records size times; the last six results stay alive."""
    text = make_text(2_500)
    recent: list[list[dict[str, object]]] = []
    checksum = 0
    for _ in range(size):
        recent.append(json.loads(text))
        if len(recent) > 6:
            del recent[0]
        checksum += len(recent[-1]) + int(recent[-1][7]["id"] == 7)
    return checksum


if __name__ == "__main__":
    print(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100))
