"""Where the bytes go when a program builds, drops and trims: the ledger, read four times.

python examples/ledger.py
"""

import lair


def show(moment: str) -> None:
    """Prints the five parts of the heap's committed memory, in MiB."""
    books = lair.ledger()
    parts = ("live", "free_in_pools", "cached", "purged", "overhead")
    assert sum(books[part] for part in parts) == books["committed"]
    print(f"{moment:<28}" + "".join(f"{books[part] / 2**20:>14.1f}" for part in parts))


def main() -> None:
    lair.attach(strict=True, options={"decay": "never"})
    print(f"{'MiB':<28}" + "".join(f"{name:>14}" for name in (
        "live", "free in pools", "cached", "purged", "overhead")))  # fmt: skip
    show("at the start")
    words = [f"word {number}" for number in range(1_000_000)]
    show("a million strings")
    survivors = words[::100]
    del words
    show("all but 1 % dropped")
    lair.trim()
    show("after lair.trim()")
    print(f"{len(survivors):,} strings are still here")


if __name__ == "__main__":
    main()
