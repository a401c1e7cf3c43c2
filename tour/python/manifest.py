"""The manifest: what each section of the documents claims, and where the tour shows it.

The file format is explained at the top of manifest.toml. Everything here is read-only.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STOP, NOT_YET, NONE = "stop", "not yet", "none"


class ManifestError(ValueError):
    """manifest.toml breaks one of its own rules; the message names the place."""


class SelectionError(ValueError):
    """There is no such document or section; the message lists what there is."""


@dataclass(frozen=True)
class Side:
    """How one side, C or Python, answers a claim."""

    kind: str  # STOP, NOT_YET or NONE
    text: str  # the stop's name, or the reason

    @classmethod
    def parse(cls, value: str) -> Side:
        for kind in (NOT_YET, NONE):
            if value.startswith(f"{kind}: "):
                return cls(kind, value.removeprefix(f"{kind}: "))
        if not value.isidentifier():
            raise ManifestError(f'"{value}" is neither a stop nor "not yet: ..." nor "none: ..."')
        return cls(STOP, value)

    def __str__(self) -> str:
        return self.text if self.kind == STOP else f"{self.kind}: {self.text}"


@dataclass(frozen=True)
class Claim:
    text: str
    c: Side
    python: Side


@dataclass(frozen=True)
class Section:
    document: int
    number: str  # "2.1"
    title: str
    shown_at: tuple[str, ...]  # ids of the sections that show what this one announces
    claims: tuple[Claim, ...]

    @property
    def id(self) -> str:
        """The number of the document, then the section's own: "0.2.1"."""
        return f"{self.document}.{self.number}"


@dataclass(frozen=True)
class Document:
    number: int
    title: str
    sections: tuple[Section, ...]


def load(path: Path | None = None) -> tuple[Document, ...]:
    """Reads the manifest (by default the one beside this file). Raises ManifestError."""
    path = path or Path(__file__).with_name("manifest.toml")
    with path.open("rb") as file:
        table = tomllib.load(file)
    documents = tuple(_document(row) for row in table["document"])
    _check(documents)
    return documents


def select(documents: tuple[Document, ...], wanted: str | None) -> tuple[Document, ...]:
    """The documents cut down to DOCUMENT or DOCUMENT.SECTION with the sections below it; all of
    them for None. Raises SelectionError."""
    if wanted is None:
        return documents
    number, _, section = wanted.partition(".")
    chosen = [document for document in documents if str(document.number) == number]
    if not chosen:
        titles = "".join(f"\n  {document.number}  {document.title}" for document in documents)
        raise SelectionError(f"there is no document {number}; the documents are:{titles}")
    document = chosen[0]
    if not section and "." not in wanted:
        return (document,)
    sections = tuple(
        each
        for each in document.sections
        if each.number == section or each.number.startswith(f"{section}.")
    )
    if not section or not sections:
        titles = "".join(f"\n  {each.id}  {each.title}" for each in document.sections)
        raise SelectionError(
            f"document {number} has no section {section or '(empty)'}; its sections are:{titles}"
        )
    return (Document(document.number, document.title, sections),)


def listing(documents: tuple[Document, ...]) -> str:
    """One line for each document, section, claim and side; `lair-tour --list` prints the same."""
    lines = []
    for document in documents:
        lines.append(f"{document.number}  {document.title}")
        for section in document.sections:
            lines.append(f"{section.id}  {section.title}")
            if section.shown_at:
                lines.append(f"    see {', '.join(section.shown_at)}")
            for claim in section.claims:
                lines.append(f"    {claim.text}")
                lines.append(f"      C: {claim.c}")
                lines.append(f"      Python: {claim.python}")
    return "\n".join(lines) + "\n"


def stop_names(documents: tuple[Document, ...], side: str) -> list[str]:
    """The stops of one side ("c" or "python"), each once, in the order of the walk."""
    answers = (
        getattr(claim, side)
        for document in documents
        for section in document.sections
        for claim in section.claims
    )
    return list(dict.fromkeys(answer.text for answer in answers if answer.kind == STOP))


def _document(row: dict[str, Any]) -> Document:
    number = row["number"]
    return Document(
        number, row["title"], tuple(_section(number, section) for section in row["section"])
    )


def _section(document: int, row: dict[str, Any]) -> Section:
    claims = tuple(
        Claim(claim["text"], Side.parse(claim["c"]), Side.parse(claim["python"]))
        for claim in row.get("claim", ())
    )
    return Section(document, row["number"], row["title"], tuple(row.get("shown_at", ())), claims)


def _check(documents: tuple[Document, ...]) -> None:
    sections = [section for document in documents for section in document.sections]
    by_id = {section.id: section for section in sections}
    if len(by_id) != len(sections):
        raise ManifestError("two sections have the same number")
    for section in sections:
        if not section.claims and not section.shown_at:
            raise ManifestError(f"section {section.id} has neither a claim nor shown_at")
        for target in section.shown_at:
            if target not in by_id or target == section.id:
                raise ManifestError(f"section {section.id} points to {target}")
