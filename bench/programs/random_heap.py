"""A big random heap: a large live set in which objects are replaced in random order."""

import random
import sys

KINDS = 6


def make(kind: int, number: int) -> object:
    """An object of one of six kinds; number decides its contents and its size."""
    if kind == 0:
        return bytes(number % 300)
    if kind == 1:
        return [None] * (number % 40)
    if kind == 2:
        return (number, -number, number * 0.5)
    if kind == 3:
        return {"number": number, number: None}
    if kind == 4:
        return f"{number:x}" * (1 + number % 12)
    return {number, number + 1, number >> 3}


def main(size: int) -> int:
    """Fills 5,000 * size slots with objects, then replaces a random one 8,000 * size times."""
    rng = random.Random(7)
    bits = rng.getrandbits
    slots = size * 5_000
    live = [make(number % KINDS, bits(20)) for number in range(slots)]
    checksum = 0
    for _ in range(size * 8_000):
        number = bits(31)
        place = number % slots
        checksum += len(live[place])  # type: ignore[arg-type]
        live[place] = make(number % KINDS, number >> 11)
    return checksum


if __name__ == "__main__":
    print(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100))
