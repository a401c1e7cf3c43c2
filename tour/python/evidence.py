"""What a stop of the tour under CPython is made of; the counterpart of tour/tour.h.

A stop is a function that runs a claim of the documents in a fresh process with Lair attached. It
shows what it measured, states what must be true for the claim to hold, and, where the claim does
not describe today's CPython, says why.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

HOLDS, DIFFERS, NOT_YET, FAILS = "holds", "differs", "not yet", "fails"
_RANK = {HOLDS: 0, DIFFERS: 1, NOT_YET: 2, FAILS: 3}


@dataclass
class Run:
    """The evidence of one stop. `outcome` is one of the four words above."""

    outcome: str = HOLDS
    reason: str = ""
    shown: list[str] = field(default_factory=list)

    def show(self, line: str) -> None:
        """Adds one line of evidence: numbers as they were measured."""
        self.shown.append(line)

    def expect(self, holds: bool, otherwise: str) -> bool:
        """States what must be true; when it is not, the stop fails for the reason `otherwise`."""
        if not holds:
            self._conclude(FAILS, otherwise)
        return holds

    def differs(self, why: str) -> None:
        """Why the claim does not describe CPython or Lair as they are today."""
        self._conclude(DIFFERS, why)

    def missing(self, what: str) -> None:
        """What is not there yet (or not on this machine) that the claim needs."""
        self._conclude(NOT_YET, what)

    def _conclude(self, outcome: str, reason: str) -> None:
        if _RANK[self.outcome] < _RANK[outcome]:
            self.outcome, self.reason = outcome, reason


Body = Callable[[Run], None]


@dataclass(frozen=True)
class Stop:
    body: Body
    options: str  # for the heap, as a user writes them


STOPS: dict[str, Stop] = {}


def stop(options: str = "") -> Callable[[Body], Body]:
    """Registers a stop under the name of the function."""

    def register(body: Body) -> Body:
        STOPS[body.__name__] = Stop(body, options)
        return body

    return register


def size(count: int) -> str:
    """A number of bytes in words: "64 KiB"."""
    amount, unit = float(count), "bytes"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if amount < 1024:
            break
        amount, unit = amount / 1024, larger
    return f"{amount:.0f} {unit}" if amount == int(amount) else f"{amount:.1f} {unit}"
