"""Makes from manifest.toml what is kept beside it: the C tour's tables and docs/mechanisms.md.

python tour/generate.py           writes the files
python tour/generate.py --check   exits with 1 and names each file that is out of date
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "python"))

import manifest  # noqa: E402
from manifest import NONE, NOT_YET, STOP, Document, Section, Side  # noqa: E402

Documents = tuple[Document, ...]

KINDS = {STOP: "TOUR_STOP", NOT_YET: "TOUR_NOT_YET", NONE: "TOUR_NONE"}

C_NOTE = "/* {}: {}\n *\n * Made by tour/generate.py from tour/manifest.toml; edit that. */\n"


def quoted(text: str) -> str:
    """A C string literal. JSON's escapes for printable text are C's."""
    return json.dumps(text, ensure_ascii=False)


def stops_header(documents: Documents) -> str:
    lines = [
        C_NOTE.format("stops.h", "every stop of the C tour, one function each."),
        "#ifndef LAIR_TOUR_STOPS_H",
        "#define LAIR_TOUR_STOPS_H",
        "",
        '#include "tour.h"',
        "",
        *(f"void stop_{name}(tour_run *run);" for name in manifest.stop_names(documents, "c")),
        "",
        "#endif /* LAIR_TOUR_STOPS_H */",
    ]
    return "\n".join(lines) + "\n"


def side_row(side: Side, has_function: bool) -> str:
    function = f"stop_{side.text}" if has_function and side.kind == STOP else "NULL"
    return f"{{{KINDS[side.kind]}, {quoted(side.text)}, {function}}}"


def claim_tables(section: Section, name: str) -> list[str]:
    if not section.claims:
        return []
    lines = [f"static const tour_claim {name}[] = {{"]
    for claim in section.claims:
        lines += [
            f"    {{{quoted(claim.text)},",
            f"     {side_row(claim.c, True)},",
            f"     {side_row(claim.python, False)}}},",
        ]
    return [*lines, "};", ""]


def c_tables(documents: Documents) -> str:
    lines = [
        C_NOTE.format("manifest_table.c", "the documents, their sections and claims."),
        '#include "manifest.h"',
        '#include "stops.h"',
        "",
        "/* clang-format off */",
        "",
    ]
    for document in documents:
        rows = []
        for section in document.sections:
            name = "claims_" + section.id.replace(".", "_")
            lines += claim_tables(section, name)
            claims = f"{name}, {len(section.claims)}" if section.claims else "NULL, 0"
            shown_at = quoted(", ".join(section.shown_at))
            rows.append(f"    {{{quoted(section.number)}, {quoted(section.title)},")
            rows.append(f"     {shown_at}, {claims}}},")
        lines += [f"static const tour_section sections_{document.number}[] = {{", *rows, "};", ""]
    lines.append("const tour_document tour_documents[] = {")
    for document in documents:
        number, count = document.number, len(document.sections)
        lines.append(f"    {{{number}, {quoted(document.title)}, sections_{number}, {count}}},")
    lines += ["};", f"const size_t tour_document_count = {len(documents)};"]
    return "\n".join(lines) + "\n"


def sources() -> dict[tuple[str, str], str]:
    """Where each live stop is written: (side, name) to its file, relative to the repository."""
    found = {}
    for path in sorted(HERE.glob("stops_*.c")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("void stop_"):
                found["c", line.removeprefix("void stop_").partition("(")[0]] = path.name
    for path in sorted((HERE / "python").glob("stops_*.py")):
        after_decorator = False
        for line in path.read_text(encoding="utf-8").splitlines():
            if after_decorator and line.startswith("def "):
                found["python", line.removeprefix("def ").partition("(")[0]] = path.name
            after_decorator = line.startswith("@stop") or (after_decorator and line[:1] in " )")
    return found


def answer(side: Side, host: str, found: dict[tuple[str, str], str]) -> str:
    if side.kind == NONE:
        return f"does not apply: {side.text}"
    if side.kind == NOT_YET:
        return f"not yet: {side.text}"
    folder = "../tour/" if host == "c" else "../tour/python/"
    return f"[{side.text}]({folder}{found[host, side.text]})"


def page(documents: Documents) -> str:
    found = sources()
    claims = [
        claim for document in documents for section in document.sections for claim in section.claims
    ]
    live = {
        side: sum(getattr(claim, side).kind == STOP for claim in claims) for side in ("c", "python")
    }
    lines = [
        "# The documents' mechanisms",
        "",
        "<!-- Made by tour/generate.py from tour/manifest.toml; edit that. -->",
        "",
        "Lair grew out of five documents about Python's memory management. This page lists every",
        "section of each, what it claims in our words, and where Lair shows it: in C with liblair,",
        "and under CPython with Lair attached. A linked name is a live stop of the tour: it runs",
        "the claim and prints the numbers. `lair tour DOCUMENT.SECTION` goes there, in C alone",
        '`lair-tour`. Whether a live stop ends ✓ or "differs today" is for the run to say.',
        "",
        f"{len(claims)} claims; live in C: {live['c']}, live under CPython: {live['python']}.",
    ]
    for document in documents:
        lines += ["", f"## Document {document.number}: {document.title}", ""]
        lines += ["| section | claim | in C | under CPython |", "|---|---|---|---|"]
        for section in document.sections:
            heading = f"{section.id} {section.title}"
            if section.shown_at:
                lines.append(f"| {heading} | see {', '.join(section.shown_at)} | | |")
                heading = ""
            for claim in section.claims:
                c, python = answer(claim.c, "c", found), answer(claim.python, "python", found)
                lines.append(f"| {heading} | {claim.text} | {c} | {python} |")
                heading = ""
    return "\n".join(lines).replace("__", r"\_\_") + "\n"


OUTPUTS: dict[Path, Callable[[Documents], str]] = {
    HERE / "stops.h": stops_header,
    HERE / "manifest_table.c": c_tables,
    HERE.parent / "docs" / "mechanisms.md": page,
}


def main(argv: list[str]) -> int:
    documents = manifest.load(HERE / "manifest.toml")
    stale = 0
    for path, render in OUTPUTS.items():
        text = render(documents)
        if argv != ["--check"]:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            print(f"{path.relative_to(HERE.parent)} is out of date: run python tour/generate.py")
            stale += 1
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
