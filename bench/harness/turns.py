"""Who runs when. Slow drifts of a machine (heat, neighbours) must not favour one contender.

In each round every contender runs once, one after the other; each round starts with another one,
so that over as many rounds as there are contenders each has stood at every place.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Turn:
    """One run to make."""

    round: int  # from 0
    place: int  # in the round, from 0
    name: str


def in_turns(
    names: Sequence[str], rounds: int, part: dict[str, int] | None = None
) -> Iterator[Turn]:
    """The turns of all rounds, in order. part[name]: rounds in which name takes part, spread
    evenly over all; every round for names not in it."""
    wanted = {name: min(rounds, (part or {}).get(name, rounds)) for name in names}
    for number in range(rounds):
        shift = number % len(names) if names else 0
        order = [*names[shift:], *names[:shift]]
        present = [name for name in order if takes_part(number, rounds, wanted[name])]
        for place, name in enumerate(present):
            yield Turn(number, place, name)


def takes_part(number: int, rounds: int, wanted: int) -> bool:
    """Whether round number is one of the wanted ones, spread evenly over all rounds."""
    return number * wanted // rounds != (number - 1) * wanted // rounds
