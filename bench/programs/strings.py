"""Strings: lines are split, trimmed, replaced, formatted, encoded and joined again."""

import random
import sys

TEXT = """
arena block class collect count cycle decay edge fill garbage heap intern ledger limit list
mark node object page pool purge reach root size span string trace type weak zero
"""
WORDS = TEXT.split()


def make_lines(count: int) -> list[str]:
    rng = random.Random(6)
    return [
        f"{number:06d} ;  "
        + " ".join(rng.choice(WORDS) for _ in range(rng.randrange(3, 24)))
        + f"; {rng.random():.6f}\n"
        for number in range(count)
    ]


def rewrite(line: str) -> tuple[str, bytes]:
    number, text, value = (field.strip() for field in line.split(";"))
    words = [word.capitalize() if len(word) > 4 else word.upper() for word in text.split(" ")]
    sentence = " ".join(words).replace("Collect", "sweep and collect")
    return f"{sentence} [{int(number)}] {float(value):8.3f}", "/".join(words[:3]).encode()


def main(size: int) -> int:
    """Rewrites 2,600 lines size times and joins each result into one text."""
    lines = make_lines(2_600)
    checksum = 0
    names: dict[bytes, str] = {}
    for _ in range(size):
        rewritten = [rewrite(line) for line in lines]
        names = {name: text for text, name in rewritten}
        text = "\n".join(text for text, _ in rewritten)
        checksum += len(text) + text.count("sweep") + len(names)
    return checksum


if __name__ == "__main__":
    print(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100))
