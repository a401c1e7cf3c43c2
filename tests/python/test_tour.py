"""The tour: complete, honest about failures, the same on both sides, its pages current."""

import importlib.resources
import json
import subprocess
import sys
from pathlib import Path

import pytest
from lair.tour import child, manifest
from lair.tour.evidence import DIFFERS, FAILS, HOLDS, NOT_YET, STOPS, Run, size, stop

REPOSITORY = Path(__file__).parents[2]
DOCUMENTS = manifest.load()
SECTIONS = [section for document in DOCUMENTS for section in document.sections]
CLAIMS = [claim for section in SECTIONS for claim in section.claims]

# The headings of each document, by its own numbers or their positions; what the tour must cover.
HEADINGS = {
    0: "1 2 2.1 2.2 2.3 2.4 2.5 3 3.1 3.2 3.3 4 4.1 4.2 4.3 4.4",
    1: "0 1 1.1 1.2 2 2.1 2.2 2.3 3",
    2: "0 1 2 2.1 3 3.1 4 4.1 4.2 5 5.1 5.2 5.3 6 7",
    3: "1 1.1 1.2 2 2.1 2.2 2.3 2.4 3 3.1 3.2 3.3 3.4 4",
    4: "0 1 1.1 2 3 3.1 3.2 4 5 5.1 6 6.1 6.1.1 6.1.2 6.1.3 6.2 6.3 7 7.1 7.2 7.3 7.4 7.5 7.6 7.7"
    " 8 8.1 8.2 8.3 9 9.1 9.2 9.3 10 10.1 10.2 10.3 11 11.1 11.2",
}


def lair_tour(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The C program."""
    program = str(importlib.resources.files("lair.tour").joinpath("lair-tour"))
    return subprocess.run([program, *arguments], capture_output=True, text=True, timeout=300)


# -- the manifest --------------------------------------------------------------------------------


@pytest.mark.parametrize("number", HEADINGS)
def test_every_section_is_there(number):
    document = DOCUMENTS[number]
    assert document.number == number
    assert [section.number for section in document.sections] == HEADINGS[number].split()


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.id)
def test_every_section_leads_to_a_claim(section):
    """Directly, or through the sections it says it is shown at."""
    by_id = {each.id: each for each in SECTIONS}
    waiting, seen = [section], set()
    while waiting:
        each = waiting.pop()
        if each.claims:
            return
        assert each.id not in seen, f"{section.id} is shown in a circle"
        seen.add(each.id)
        waiting += [by_id[target] for target in each.shown_at]
    pytest.fail(f"{section.id} is shown nowhere")


@pytest.mark.parametrize("side", ["c", "python"])
def test_every_answer_is_a_stop_or_has_a_reason(side):
    for claim in CLAIMS:
        assert getattr(claim, side).text.strip()


def test_stops_of_the_manifest_are_those_registered():
    child.load_stops()
    assert set(manifest.stop_names(DOCUMENTS, "python")) == set(STOPS)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (('shown_at = ["0.2", "0.3", "0.4"]', ""), "neither a claim nor shown_at"),
        (('"0.2", "0.3", "0.4"', '"0.2", "9.9"'), "points to 9.9"),
        (('c = "pool_reserve"', 'c = "later"'), None),
        (('c = "pool_reserve"', 'c = "some day"'), "neither a stop"),
        (('number = "2.1"', 'number = "2.2"'), "same number"),
    ],
)
def test_a_broken_manifest_is_refused(tmp_path, change, fault):
    text = (REPOSITORY / "tour/manifest.toml").read_text()
    assert change[0] in text
    path = tmp_path / "manifest.toml"
    path.write_text(text.replace(*change, 1))
    if fault is None:
        assert "later" in manifest.stop_names(manifest.load(path), "c")
    else:
        with pytest.raises(manifest.ManifestError, match=fault):
            manifest.load(path)


def test_generated_files_are_current():
    done = subprocess.run(
        [sys.executable, str(REPOSITORY / "tour/generate.py"), "--check"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_page_lists_every_claim():
    page = (REPOSITORY / "docs/mechanisms.md").read_text().replace(r"\_", "_")
    for claim in CLAIMS:
        assert claim.text in page


# -- the walk ------------------------------------------------------------------------------------


def test_the_whole_tour_holds(lair, tmp_path):
    done = lair("tour", cwd=tmp_path)
    assert done.code == 0, done.out + done.err
    assert "✗" not in done.out
    assert "do not hold: 0," in done.out.splitlines()[-1]
    for section in SECTIONS:
        assert f"\n{section.id}  {section.title}\n" in done.out
    assert "\x1b" not in done.out, "colours outside a terminal"


def test_the_whole_tour_in_c_holds():
    done = lair_tour()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "✗" not in done.stdout
    for section in SECTIONS:
        assert f"\n{section.id}  {section.title}\n" in done.stdout


def test_c_runs_the_stops_of_the_manifest():
    done = lair_tour("--json")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert [row["stop"] for row in rows] == manifest.stop_names(DOCUMENTS, "c")
    for row in rows:
        assert row["outcome"] in (HOLDS, DIFFERS, NOT_YET), row
        assert row["shown"], f"{row['stop']} shows nothing"
        assert bool(row["reason"]) == (row["outcome"] != HOLDS)


def test_both_sides_list_the_same(lair):
    for selection in ([], ["0"], ["0.4"], ["4.6.1"]):
        python_side = lair("tour", "--list", *selection)
        c_side = lair_tour("--list", *selection)
        assert python_side.code == c_side.returncode == 0
        assert python_side.out == c_side.stdout
        assert python_side.out == manifest.listing(
            manifest.select(DOCUMENTS, selection[0] if selection else None)
        )


def test_a_section_alone(lair):
    done = lair("tour", "0.4.4")
    assert done.code == 0, done.out + done.err
    assert "0.4.4  Python's pool" in done.out
    assert "0.4.3" not in done.out
    assert "C ✓" in done.out
    assert "Python ✓" in done.out
    assert "differs today: the system takes all memory of a process back" in done.out


def test_the_sections_below_belong_to_a_section():
    chosen = manifest.select(DOCUMENTS, "4.6.1")
    ids = [section.id for document in chosen for section in document.sections]
    assert ids == ["4.6.1", "4.6.1.1", "4.6.1.2", "4.6.1.3"]
    assert "4.10" not in [section.id for section in manifest.select(DOCUMENTS, "4.1")[0].sections]


# -- faults --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        ("9", "there is no document 9; the documents are:\n  0  Python memory"),
        ("x", "there is no document x; the documents are:"),
        ("", "there is no document ; the documents are:"),
        ("0.9", "document 0 has no section 9; its sections are:\n  0.1  Introduction"),
        ("0.", "document 0 has no section (empty); its sections are:"),
        ("0.2.", "document 0 has no section 2.; its sections are:"),
    ],
)
def test_unknown_names(lair, selection, message):
    python_side = lair("tour", selection)
    c_side = lair_tour(selection)
    assert (python_side.code, c_side.returncode) == (2, 2)
    assert message in python_side.err
    assert message in c_side.stderr
    assert python_side.out == c_side.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--set", "pagesize=5000"], "pagesize"),
        (["--set", "nonsense=1"], "nonsense"),
        (["--nonsense"], "--nonsense"),
        (["0", "1"], "1"),
    ],
)
def test_bad_arguments(lair, arguments, message):
    python_side = lair("tour", *arguments)
    c_side = lair_tour(*arguments)
    assert (python_side.code, c_side.returncode) == (2, 2)
    assert message in python_side.err
    assert message in c_side.stderr


@pytest.mark.parametrize("section", ["0.4.1", "0.4.4", "1.3", "3.1.1"])
def test_an_injected_fault_fails_the_tour_in_c(section):
    sound = lair_tour(section)
    assert sound.returncode == 0, sound.stdout
    broken = lair_tour("--set", "failat=1", section)
    assert broken.returncode == 1
    assert "✗" in broken.stdout
    assert "refused" in broken.stdout


def test_an_injected_fault_fails_the_tour(lair):
    broken = lair("tour", "--set", "failat=1", "0.4.1")
    assert broken.code == 1, broken.out + broken.err
    assert "C ✗ a block of 64 bytes was refused" in broken.out
    assert "do not hold: 0," not in broken.out.splitlines()[-1]


def test_a_stop_that_dies_fails_the_tour(lair):
    # Every stop needs more than this: the first MemoryError ends it.
    broken = lair("tour", "--set", "failat=500", "2.5.1")
    assert broken.code == 1, broken.out + broken.err
    assert "Python ✗ the process ended with" in broken.out


# -- evidence ------------------------------------------------------------------------------------


def test_a_failure_outranks_the_rest():
    run = Run()
    assert run.expect(True, "unused")
    assert run.outcome == HOLDS
    run.differs("another way")
    run.missing("a part")
    assert (run.outcome, run.reason) == (NOT_YET, "a part")
    assert not run.expect(False, "first")
    assert not run.expect(False, "second")
    run.differs("too late")
    assert (run.outcome, run.reason) == (FAILS, "first")


def test_stops_register_under_their_names():
    @stop(options="pagesize=4K")
    def only_for_this_test(run: Run) -> None:
        run.show("shown")

    try:
        assert STOPS["only_for_this_test"].options == "pagesize=4K"
    finally:
        del STOPS["only_for_this_test"]


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 bytes"), (1023, "1023 bytes"), (1024, "1 KiB"), (1536, "1.5 KiB"), (3 << 30, "3 GiB")],
)
def test_sizes_in_words(count, words):
    assert size(count) == words
