"""`lair compare`: two kinds of run, in turns, told apart."""

import json

from lair.commands.compare import medians

# Writes one line per run: whether it was on Lair.
NOTE = "from lair import _core; open('log', 'a').write(f'{_core.heap_attached()}\\n')"


def test_in_turns_and_on_lair(lair, tmp_path):
    outcome = lair("compare", "--runs", "3", "--json", "c.json", "-c", NOTE, cwd=tmp_path)
    assert (outcome.code, outcome.err) == (0, "")
    assert (tmp_path / "log").read_text().split() == ["False", "True"] * 4
    record = json.loads((tmp_path / "c.json").read_text())
    assert {kind: len(runs) for kind, runs in record["runs"].items()} == {"stock": 3, "lair": 3}
    for runs in record["runs"].values():
        for run in runs:
            assert run["wall_s"] > 0 and run["cpu_s"] > 0 and run["peak_bytes"] > 4 << 20
    assert record["pauses"]["stock"]["pause_s"] >= record["pauses"]["stock"]["longest_pause_s"] > 0
    for measure in ("time", "CPU time", "peak memory", "longest pause"):
        assert measure in outcome.out


def test_peak_memory_is_the_programs(lair, tmp_path):
    code = "kept = bytearray(b'x') * (200 << 20)"
    lair("compare", "--runs", "1", "--json", "c.json", "-c", code, cwd=tmp_path)
    summary = json.loads((tmp_path / "c.json").read_text())["summary"]["peak_bytes"]
    for kind in ("stock", "lair"):
        assert 200 << 20 < summary[kind] < 240 << 20


def test_ratio_of_medians():
    def runs(*times):
        return [{"wall_s": t, "cpu_s": 2 * t, "peak_bytes": 1000} for t in times]

    table = medians({"stock": runs(4.0, 1.0, 2.0), "lair": runs(1.0, 9.0, 1.5)})
    assert table["wall_s"] == {"stock": 2.0, "lair": 1.5, "ratio": 0.75}
    assert table["peak_bytes"]["ratio"] == 1.0


def test_expected_exit_code(lair):
    outcome = lair("compare", "--runs", "1", "--exit-code", "3", "-c", "raise SystemExit(3)")
    assert outcome.code == 0 and "Exit code 3" in outcome.out


def test_failure_shows_what_the_program_said(lair):
    outcome = lair("compare", "-c", "1/0")
    assert outcome.code == 1
    assert "ZeroDivisionError" in outcome.err and "under stock Python" in outcome.err


def test_failure_only_on_lair_is_said(lair):
    code = "kept = [str(i) for i in range(1_000_000)]"
    outcome = lair("compare", "-X", "maxheapsize=16M", "-c", code)
    assert outcome.code == 1
    assert "MemoryError" in outcome.err and "on Lair (stock Python did not)" in outcome.err


def test_no_comparison_where_lair_cannot_attach(lair):
    outcome = lair("compare", "--runs", "1", "-c", "1", PYTHONMALLOC="debug")
    assert outcome.code == 1 and "on Lair" in outcome.err
