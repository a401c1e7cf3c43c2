"""The walk through the documents: what they claim, run live in C and under this CPython.

    lair tour [--list] [--set NAME=VALUE]... [DOCUMENT[.SECTION]]

Exit codes: 0 everything that is live holds or differs for a stated reason, 1 something does not
hold, 2 the command line is wrong.
"""

from __future__ import annotations

__all__ = ["main"]


def main(argv: list[str]) -> int:
    """Runs `lair tour` with these arguments and returns the exit code."""
    from lair.tour import walk

    return walk.main(argv)
