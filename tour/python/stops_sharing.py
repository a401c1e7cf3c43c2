"""Objects that are shared: small integers, characters, interned strings, immutables."""

from __future__ import annotations

import copy
import sys
from collections import Counter

from lair import _core
from lair.tour.evidence import Run, stop


def number(text: str) -> int:
    """An integer made at run time, so that the compiler cannot share it."""
    return int(text)


def literal(source: str) -> object:
    """The value of a literal, compiled on its own."""
    return eval(compile(source, "literal", "eval"))


@stop()
def same_small_int(run: Run) -> None:
    a, b = number("1"), number("1")
    run.show(f"id(a) {id(a):#x}, id(b) {id(b):#x}, a is b: {a is b}")
    run.expect(a is b and id(a) == id(b), "two names for 1 are two objects")


@stop()
def cached_and_distinct(run: Run) -> None:
    pairs = {
        "42 made twice": (number("42"), number("42")),
        "'hello' compiled twice": (literal("'hello'"), literal("'hello'")),
        "10**10 made twice": (number("10000000000"), number("10000000000")),
        "a string built twice at run time": ("-".join("ab"), "-".join("ab")),
        "[] made twice": ([], []),
    }
    same = {what: a is b for what, (a, b) in pairs.items()}
    for what, shared in same.items():
        run.show(f"{what}: {'one object' if shared else 'two objects'}")
    run.expect(list(same.values()) == [True, True, False, False, False], "sharing is otherwise")


@stop()
def small_int_range(run: Run) -> None:
    shared = [n for n in range(-20, 300) if number(str(n)) is number(str(n))]
    run.show(f"of -20..299 the integers {shared[0]}..{shared[-1]} are one object each")
    run.expect(shared == list(range(-5, 257)), "another range is shared")
    alike = eval(compile("(257, 257)", "literal", "eval"))
    run.show(
        f"257 twice in one piece of code: {'one' if alike[0] is alike[1] else 'two'} "
        "(the compiler shares equal constants)"
    )


@stop()
def literals_interned(run: Run) -> None:
    named = literal("'hello'") is literal("'hello'")
    spaced = literal("'hello world'") is literal("'hello world'")
    run.show(f"'hello' compiled twice: {named}; 'hello world' compiled twice: {spaced}")
    together = eval(compile("('hello world', 'hello world')", "literal", "eval"))
    run.show(f"'hello world' twice in one piece of code: {together[0] is together[1]}")
    run.expect(named, "literals that look like names are not shared")
    if spaced:
        run.differs("this CPython interns every string constant")
    elif together[0] is together[1]:
        run.differs(
            "true across pieces of code; within one piece of code the compiler shares all "
            "equal constants"
        )


@stop()
def single_characters(run: Run) -> None:
    text = "".join(["abc", "é"])
    shared = text[0] is chr(97) and text[3] is chr(233)
    wide = chr(0x4E2D) is chr(0x4E2D)
    run.show(
        f"'a' and 'é' cut from a string and made by chr: {'one' if shared else 'two'} each; "
        f"a character beyond one byte: {'one' if wide else 'two'}"
    )
    run.expect(shared, "single-byte characters are not shared")
    run.expect(not wide, "wider characters are shared as well")


@stop()
def intern_by_hand(run: Run) -> None:
    a, b = " ".join(["a", "string"]), " ".join(["a", "string"])
    before = a is b
    a, b = sys.intern(a), sys.intern(b)
    run.show(f"two equal strings: one object {before}; after sys.intern: {a is b}")
    run.expect(not before and a is b, "interning did not join them")


@stop()
def large_int_reuse(run: Run) -> None:
    again, rounds = 0, 1000
    for step in range(rounds):
        value = number(f"1000000{step:04}")
        address = id(value)
        del value
        value = number(f"2000000{step:04}")
        again += id(value) == address
        del value
    free_list = sys.version_info >= (3, 14)
    run.show(
        f"a large integer made right after another was freed stood at its address {again} "
        f"times in {rounds}"
    )
    run.expect(again > 0, "the memory was not used again")
    if not free_list:
        run.differs(
            "a freed integer is destroyed and its block goes back to the pool, where any "
            "object of that size can take it"
        )


@stop()
def immutable_shared(run: Run) -> None:
    row, grown = (1, 2, 3), [1, 2, 3]
    before = _core.ledger()["blocks"]
    same = [copy.copy(row) for _ in range(10_000)]
    tuples = _core.ledger()["blocks"] - before
    copies = [copy.copy(grown) for _ in range(10_000)]
    lists = _core.ledger()["blocks"] - before - tuples
    run.show(f"10000 copies of a tuple took {tuples} blocks, of a list {lists}")
    run.expect(all(each is row for each in same), "a tuple was copied")
    run.expect(tuples < 100 and lists > len(copies), "copies cost otherwise")


@stop()
def immutable_replaced(run: Run) -> None:
    a = number("1000")
    text = "".join(["ab", "cd"])
    first, first_text, kept, kept_text = id(a), id(text), a, text
    a += 1
    text += "e"
    run.show(f"a += 1: {first:#x} to {id(a):#x}; text += 'e': {first_text:#x} to {id(text):#x}")
    run.expect(a is not kept and kept == 1000, "the integer itself was changed")
    run.expect(text is not kept_text and kept_text == "abcd", "the string itself was changed")


@stop()
def counter_shares(run: Run) -> None:
    words = [" ".join(["word", str(n % 100)]) for n in range(20_000)]
    counted = Counter(words)
    before = sum(map(sys.getsizeof, words))
    after = sys.getsizeof(counted) + sum(map(sys.getsizeof, counted))
    run.show(
        f"{len(words)} strings of {before} bytes are {len(counted)} entries of {after} bytes "
        "in a Counter"
    )
    run.expect(sum(counted.values()) == len(words) and after < before / 10, "counting saved little")
