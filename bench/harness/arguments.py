"""The options that all benchmarks have, and how their values are read."""

import argparse
import os
from collections.abc import Callable, Collection, Sequence
from pathlib import Path


def common_parser(
    program: str,
    description: str,
    rounds: int,
    record: Path,
    only: Collection[str] | None,
    listed: str,
) -> argparse.ArgumentParser:
    """A parser with the options that every benchmark has. rounds: of a full run; record: where the
    record goes unless told otherwise; only: the names that --only takes, None where they are not
    known yet; listed: how its help calls them."""
    made = argparse.ArgumentParser(
        prog=program, description=description.split("\n\n")[0], allow_abbrev=False
    )
    made.add_argument("--quick", action="store_true", help="small sizes, one round: does it run?")
    made.add_argument(
        "--rounds", type=positive, metavar="N", help=f"rounds (default {rounds}; 1 with --quick)"
    )
    made.add_argument(
        "--python",
        action="append",
        metavar="PATH",
        help="interpreter to measure, repeatable (default: $PYTHONS, else those found)",
    )
    made.add_argument(
        "--only",
        type=names(only),
        default=[],
        metavar="NAMES",
        help=f"only these {listed}, separated by commas",
    )
    made.add_argument("--output", type=Path, default=record, metavar="FILE", help="the record")
    made.set_defaults(full_rounds=rounds)
    return made


def settle(made: argparse.ArgumentParser, arguments: Sequence[str] | None) -> argparse.Namespace:
    """The options, with what was not given filled in; only is a set. Ends the process with exit
    code 2 on bad ones."""
    options = made.parse_args(arguments)
    options.rounds = options.rounds or (1 if options.quick else options.full_rounds)
    options.python = options.python or os.environ.get("PYTHONS", "").split()
    options.only = set(options.only)
    return options


def positive(text: str) -> int:
    """A whole number from 1. ArgumentTypeError when text is none."""
    if not (text.isascii() and text.isdigit()) or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1")
    return int(text)


def names(known: Collection[str] | None, none: bool = False) -> Callable[[str], list[str]]:
    """Reads names separated by commas, each one known (None: any); "none" stands for no name where
    that is allowed. ArgumentTypeError tells the first that is not known."""

    def split(text: str) -> list[str]:
        chosen = [] if none and text == "none" else text.split(",")
        for name in chosen:
            if known is not None and name not in known:
                listed = ", ".join(sorted(known))
                raise argparse.ArgumentTypeError(f"{name!r} is none of: {listed}")
        return chosen

    return split
