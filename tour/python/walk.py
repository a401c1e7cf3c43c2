"""The walk: each section, each claim, both sides, and what came of it."""

from __future__ import annotations

import argparse
import sys
import textwrap
from collections import Counter
from collections.abc import Iterator

from lair import _core
from lair.tour import manifest
from lair.tour.evidence import DIFFERS, FAILS, HOLDS, NOT_YET, Run
from lair.tour.manifest import STOP, Claim, Document, Section, Side
from lair.tour.run import TourError, run_c, run_python

WIDTH = 100
STYLES = {HOLDS: "green", DIFFERS: "yellow", NOT_YET: "dim", FAILS: "bold red"}


class Page:
    """Lines of text on standard output, with colours where that is a terminal."""

    def __init__(self) -> None:
        self._console = None
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(errors="replace")
        if sys.stdout.isatty():
            from rich.console import Console

            self._console = Console(highlight=False)

    def line(self, text: str = "", *, indent: int = 0, lead: str = "", style: str = "") -> None:
        """Prints lead and text, wrapped, later lines indented to where the text began."""
        lines = textwrap.wrap(
            text,
            WIDTH,
            initial_indent=" " * indent + lead,
            subsequent_indent=" " * (indent + len(lead)),
            break_long_words=False,
            break_on_hyphens=False,
        )
        for each in lines or [""]:
            if self._console is None:
                print(each, flush=True)
            else:
                self._console.print(each, style=style, markup=False, soft_wrap=True)


class CSide:
    """The C stops of a selection, run by one program and asked for by name in its order."""

    def __init__(self, selection: str | None, settings: list[str]) -> None:
        self._coming: Iterator[tuple[str, Run]] = run_c(selection, settings)
        self._done: dict[str, Run] = {}

    def run(self, name: str) -> Run:
        while name not in self._done:
            try:
                done, run = next(self._coming)
            except StopIteration:
                raise TourError(f"lair-tour knows no stop {name}") from None
            self._done[done] = run
        return self._done[name]


class Walk:
    def __init__(self, selection: str | None, settings: list[str]) -> None:
        self._settings = settings
        self._page = Page()
        self._c = CSide(selection, settings)
        self._past: dict[tuple[str, str], tuple[Run, str]] = {}
        self.outcomes: Counter[str] = Counter()

    def documents(self, documents: tuple[Document, ...]) -> None:
        for document in documents:
            self._page.line()
            self._page.line(f"Document {document.number}: {document.title}", style="bold")
            for section in document.sections:
                self._section(section)
        counts = self.outcomes
        self._page.line()
        self._page.line(
            f"answers that hold: {counts[HOLDS]}, differ today: {counts[DIFFERS]}, "
            f"do not hold: {counts[FAILS]}, not yet there: {counts[NOT_YET]}"
        )

    def _section(self, section: Section) -> None:
        self._page.line()
        self._page.line(f"{section.id}  {section.title}", style="bold")
        if section.shown_at:
            self._page.line(", ".join(section.shown_at), indent=2, lead="shown at ")
        for claim in section.claims:
            self._claim(section, claim)

    def _claim(self, section: Section, claim: Claim) -> None:
        self._page.line(claim.text, indent=2)
        self._answer(section, "C", claim.c)
        self._answer(section, "Python", claim.python)

    def _answer(self, section: Section, host: str, side: Side) -> None:
        if side.kind == STOP:
            run = self._stop(section, host, side.text)
            self.outcomes[run.outcome] += 1
            self._outcome(host, run.outcome, run.reason)
        elif side.kind == NOT_YET:
            self.outcomes[NOT_YET] += 1
            self._outcome(host, NOT_YET, side.text)
        else:
            self._page.line(side.text, indent=4, lead=f"{host} does not apply: ", style="dim")

    def _stop(self, section: Section, host: str, name: str) -> Run:
        """Runs a stop and shows its evidence; one that ran before is only pointed to."""
        if (host, name) in self._past:
            run, where = self._past[host, name]
            self._page.line(f"as shown at {where}", indent=6)
            return run
        run = self._c.run(name) if host == "C" else run_python(name, self._settings)
        self._past[host, name] = run, section.id
        for line in run.shown:
            self._page.line(line, indent=6)
        return run

    def _outcome(self, host: str, outcome: str, reason: str) -> None:
        leads = {HOLDS: "✓ ", DIFFERS: "differs today: ", NOT_YET: "not yet: ", FAILS: "✗ "}
        text = "holds" if outcome == HOLDS else reason
        lead = f"{host} {leads[outcome]}"
        self._page.line(text, indent=4, lead=lead, style=STYLES[outcome])


def main(argv: list[str]) -> int:
    """See the package's docstring."""
    arguments = read_arguments(argv)
    try:
        if arguments.set:
            _core.parse_options(",".join(arguments.set))
        documents = manifest.select(manifest.load(), arguments.selection)
        if arguments.list:
            print(manifest.listing(documents), end="")
            return 0
        walk = Walk(arguments.selection, arguments.set)
        walk.documents(documents)
    except (ValueError, TourError) as fault:
        print(f"lair tour: {fault}", file=sys.stderr)
        return 2
    return 1 if walk.outcomes[FAILS] else 0


def read_arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="lair tour",
        description="Walks through the documents Lair follows and runs what they claim, in C and "
        "under this interpreter.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "selection",
        nargs="?",
        metavar="DOCUMENT[.SECTION]",
        help="only this document, or this section and those below it",
    )
    parser.add_argument("--list", action="store_true", help="what there is, without running it")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="an option for every heap the tour opens",
    )
    return parser.parse_args(argv)
