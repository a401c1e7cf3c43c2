"""What the figures of bench/gc.py stand on: a clock, programs, and how figures are made."""

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench" / "collecting"))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench"))

import gc_figures
import steps
from btree import Tree
from gc_figures import UNCOLLECTED
from harness.allocators import BASELINE
from harness.record import Rows
from harness.stats import geomean


def test_the_clock_tells_long_steps_from_short_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    times = [1.0 + 1e-6 * number for number in range(5000)]
    for number in range(5000 - 3, 5000):  # three long steps of 2, 2 and 4 ms
        times[number] = times[number - 1] + (4e-3 if number == 4999 else 2e-3)
    coming = iter(times)
    monkeypatch.setattr(steps, "perf_counter", lambda: next(coming))
    clock = steps.Clock()
    for _ in times:
        clock.tick()
    measures = clock.measures()
    assert measures["steps"] == 4999
    assert measures["longest"] == pytest.approx(4e-3, rel=1e-4)
    assert measures["above"] == pytest.approx(3 / 4999)
    assert measures["p999"] == pytest.approx(1e-6, rel=1e-2)


def test_more_steps_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps.Clock, "ROOM", 10)
    clock = steps.Clock()
    for _ in range(40):
        clock.tick()
    assert 30 <= clock.measures()["steps"] < 40


# large_final counts the finalizers of a process, documents needs what is not installed here.
@pytest.mark.parametrize("program", sorted(set(steps.PROGRAMS) - {"documents", "large_final"}))
def test_each_program_does_the_same_work_every_time(program: str) -> None:
    first, second = steps.Clock(), steps.Clock()
    run = steps.PROGRAMS[program]
    assert run(1, first.tick) == run(1, second.tick)
    assert first.steps == second.steps > 0


def test_every_program_has_its_figures() -> None:
    assert {*gc_figures.PROGRAMS, *gc_figures.APART} == set(steps.PROGRAMS)


@given(st.lists(st.integers(0, 400)), st.integers(0, 400))
def test_the_tree_is_a_map_in_order(keys: list[int], start: int) -> None:
    tree, model = Tree(), {}
    for number, key in enumerate(keys):
        tree[key] = model[key] = number
    assert all(tree[key] == value for key, value in model.items())
    expected = sorted((key, value) for key, value in model.items() if key >= start)
    assert list(tree.after(start)) == expected
    if start not in model:
        with pytest.raises(KeyError):
            tree[start]


def test_pauses_are_told_in_milliseconds_with_their_targets() -> None:
    rows = Rows()
    for name, longest in ((BASELINE, 1.2), ("incremental", 0.004), (UNCOLLECTED, 0.001)):
        for program in ("old_garbage", "queue", "documents"):
            own = 0.05 if program == "documents" else 0.0
            run = {"longest": longest + own, "p999": 0.001, "cpu": 10.0, "peak_rss": 100}
            rows.row("program", "3.13.0", program, name, 100).runs.append(run)
    found = gc_figures.figures(rows, {"python313": "3.13.0"}, {"3.13.0": ["incremental"]})
    by_key = {figure.key: figure for figure in found}
    longest = by_key["python313_incremental_old_garbage_longest_ms"]
    assert longest.value == pytest.approx(4.0) and longest.target == 5.0 and longest.met
    assert by_key["python313_incremental_longest_ms"].value == longest.value
    assert by_key["python313_incremental_longest_ms"].note == "old_garbage"
    assert by_key["python313_incremental_p999_ms"].target == 1.5
    documents = by_key["python313_incremental_documents_longest_ms"]
    assert documents.value == pytest.approx(54.0) and documents.target is None
    ratios = [0.004 / 1.2, 0.004 / 1.2, 0.054 / 1.25]
    mean = by_key["python313_incremental_longest_geomean"]
    assert mean.value == pytest.approx(geomean(ratios))
    assert by_key["python313_floor_longest_ms"].value == pytest.approx(1.0)
    assert by_key["python313_incremental_large_clean_longest"].met is None
    assert by_key["python313_full_clean_geomean"].value is None
