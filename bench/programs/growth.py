"""Growth: a collection of objects that is only ever added to, as a cache without a bound is."""

import sys


class Entry:
    """One remembered thing, of five blocks and more."""

    def __init__(self, number: int, previous: "Entry | None") -> None:
        self.key = f"entry-{number}"
        self.numbers = [number, number * 1.5, number << 3]
        self.pair = (previous, number + 1000)
        self.note = None if number % 4 else {"number": number, "text": self.key.upper()}


def main(size: int) -> int:
    """Adds 5,000 * size entries to a list and a dict, then asks for a few of them."""
    entries: list[Entry] = []
    by_key: dict[str, Entry] = {}
    previous = None
    for number in range(size * 5_000):
        previous = Entry(number, previous if number % 50 else None)
        entries.append(previous)
        by_key[previous.key] = previous
    wanted = (by_key[f"entry-{number}"] for number in range(0, len(entries), 97))
    return sum(len(entry.numbers) + entry.pair[1] for entry in wanted)


if __name__ == "__main__":
    print(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100))
