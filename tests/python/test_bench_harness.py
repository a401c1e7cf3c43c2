"""The shared part of the benchmarks: options, statistics, turns, studies, records, counting,
running."""

import argparse
import json
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench"))

from harness.arguments import common_parser, names, positive, settle
from harness.instructions import read_count
from harness.interpreters import discover, probe
from harness.record import Figure, Rows, summary, write
from harness.runs import RunError, clean_environment, run_once
from harness.stats import geomean, ratio_of_medians, spread, worst
from harness.study import Question, Start, Study
from harness.turns import in_turns, takes_part
from rich.console import Console


class TestArguments:
    @staticmethod
    def options(*given: str) -> argparse.Namespace:
        reader = common_parser("bench/x.py", "X.\n\nMore.", 5, Path("x.json"), {"a", "b"}, "rows")
        return settle(reader, given)

    def test_what_is_not_given_is_filled_in(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("PYTHONS", raising=False)
        options = self.options()
        assert (options.rounds, options.python, options.only) == (5, [], set())
        assert options.output == Path("x.json")
        assert self.options("--quick").rounds == 1
        assert self.options("--quick", "--rounds", "2").rounds == 2

    def test_interpreters_come_from_options_or_the_environment(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PYTHONS", "python3.11 python3.13")
        assert self.options().python == ["python3.11", "python3.13"]
        assert self.options("--python", "p", "--python", "q").python == ["p", "q"]

    def test_names(self) -> None:
        assert self.options("--only", "b,a").only == {"a", "b"}
        assert names(["a"], none=True)("none") == []
        assert names(None)("x,y") == ["x", "y"]
        with pytest.raises(argparse.ArgumentTypeError, match="'c' is none of: a, b"):
            names({"a", "b"})("a,c")

    @pytest.mark.parametrize("text", ["0", "-1", "1.5", "", "many", "²"])
    def test_numbers_from_one(self, text: str) -> None:
        with pytest.raises(argparse.ArgumentTypeError, match="not a number from 1"):
            positive(text)

    @pytest.mark.parametrize(
        "given", [["--rounds", "0"], ["--only", "c"], ["--round", "1"], ["more"]]
    )
    def test_bad_ones_end_with_a_sentence(
        self, given: list[str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(SystemExit) as ended:
            self.options(*given)
        assert ended.value.code == 2
        assert "bench/x.py: error:" in capsys.readouterr().err


class TestStats:
    def test_ratio_is_of_medians_not_of_means(self) -> None:
        assert ratio_of_medians([1.0, 2.0, 90.0], [4.0, 4.0, 1.0]) == 0.5

    def test_ratio_of_nothing_is_an_error(self) -> None:
        with pytest.raises(ValueError, match="at least one run"):
            ratio_of_medians([], [1.0])
        with pytest.raises(ValueError, match="median is 0"):
            ratio_of_medians([1.0], [0.0])

    def test_geomean_of_a_ratio_and_its_inverse_is_one(self) -> None:
        assert geomean([0.5, 2.0]) == pytest.approx(1.0)
        assert geomean([2.0, 4.0, 8.0]) == pytest.approx(4.0)

    @given(st.lists(st.floats(0.01, 100.0), min_size=1))
    def test_geomean_lies_between_the_extremes(self, ratios: list[float]) -> None:
        assert min(ratios) <= geomean(ratios) * (1 + 1e-9)
        assert geomean(ratios) <= max(ratios) * (1 + 1e-9)

    @pytest.mark.parametrize("ratios", [[], [1.0, 0.0], [-1.0]])
    def test_geomean_refuses_what_has_none(self, ratios: list[float]) -> None:
        with pytest.raises(ValueError, match="geometric mean"):
            geomean(ratios)

    def test_spread(self) -> None:
        assert spread([2.0]) == 0.0
        assert spread([1.0, 2.0, 4.0]) == pytest.approx(1.5)

    def test_worst_is_the_largest(self) -> None:
        assert worst({"a": 0.9, "b": 1.2, "c": 1.0}) == ("b", 1.2)


class TestTurns:
    def test_everybody_runs_once_a_round_and_stands_at_every_place(self) -> None:
        turns = list(in_turns(["a", "b", "c"], 3))
        assert [turn.name for turn in turns] == list("abcbcacab")
        for name in "abc":
            assert sorted(turn.place for turn in turns if turn.name == name) == [0, 1, 2]

    def test_a_part_of_the_rounds(self) -> None:
        turns = list(in_turns(["a", "b"], 5, {"b": 2}))
        assert sum(turn.name == "a" for turn in turns) == 5
        assert sum(turn.name == "b" for turn in turns) == 2

    @given(st.integers(1, 40), st.data())
    def test_as_many_rounds_as_wanted(self, rounds: int, data: st.DataObject) -> None:
        wanted = data.draw(st.integers(0, rounds))
        assert sum(takes_part(number, rounds, wanted) for number in range(rounds)) == wanted


class TestRecord:
    @staticmethod
    def rows() -> Rows:
        rows = Rows()
        for allocator, walls in (("lair", [1.0, 1.1, 5.0]), ("pymalloc", [2.0, 2.2, 2.4])):
            row = rows.row("python", "3.13.0", "trees", allocator, 100)
            row.runs += [{"round": n, "place": 0, "wall": wall} for n, wall in enumerate(walls)]
        rows.row("python", "3.13.0", "dicts", "lair", 100).runs.append({"wall": 1.0})
        return rows

    def test_ratios_where_both_sides_have_runs(self) -> None:
        ratios = self.rows().ratios("python", "3.13.0", "lair", "pymalloc", "wall")
        assert ratios == {"trees": pytest.approx(0.5)}

    def test_rows_keep_raw_runs_in_order(self) -> None:
        first = self.rows().as_json()[0]
        assert isinstance(first["runs"], list)
        assert [run["wall"] for run in first["runs"]] == [1.0, 1.1, 5.0]
        assert first["medians"] == {"wall": 1.1}

    def test_a_figure_is_met_up_to_its_target(self) -> None:
        assert Figure("a", 0.95, 0.95).met is True
        assert Figure("a", 0.951, 0.95).met is False
        assert Figure("a", None, 0.95).met is None
        assert Figure("a", 0.9).met is None

    def test_figures_of_several_rows(self) -> None:
        mean = Figure.mean_of("a", {"x": 0.5, "y": 2.0}, 0.9, "more")
        assert mean == Figure("a", pytest.approx(1.0), 0.9, "2 rows; more")
        assert Figure.worst_of("b", {"x": 0.5, "y": 2.0}, 3.0) == Figure("b", 2.0, 3.0, "y")
        for none in (Figure.mean_of("a", {}, 0.9), Figure.worst_of("a", {}, 0.9)):
            assert (none.value, none.met, none.note) == (None, None, "not measured in this run")

    def test_medians(self) -> None:
        rows = self.rows()
        assert rows.median("python", "3.13.0", "trees", "lair", "wall") == 1.1
        assert rows.median("python", "3.13.0", "trees", "lair", "cpu") is None
        assert rows.median("python", "3.13.0", "none", "lair", "wall") is None

    def test_the_record_can_be_read_back(self, tmp_path: Path) -> None:
        file = tmp_path / "made" / "heap.json"
        write(file, {"summary": summary([Figure("a", 0.5, 0.6, "note")])})
        expected = {"value": 0.5, "target": 0.6, "met": True, "note": "note"}
        assert json.loads(file.read_text())["summary"]["a"] == expected


class TestStudy:
    @staticmethod
    def study(**programs: str) -> Study:
        """What comes of two rounds of these programs, each printing its checksum."""
        study = Study(Console(quiet=True), set())
        starts = {name: Start([sys.executable, "-c", code]) for name, code in programs.items()}
        question = Question("group", "3.13.0", "program", 100)
        study.measure(question, starts, 2, lambda output: (output, {"said": float(output)}))
        return study

    def test_every_contender_is_measured_in_every_round(self) -> None:
        study = self.study(a="print(5)", b="print(5)")
        assert study.failures == []
        for name in "ab":
            row = study.rows.find("group", "3.13.0", "program", name)
            assert row is not None and row.values("said") == [5.0, 5.0]
            assert row.values("round") == [0, 1] and min(row.values("peak_rss")) > 1 << 20

    @pytest.mark.parametrize(
        ("bad", "sentence"),
        [
            ("raise SystemExit('no')", "exit code 1: no"),
            ("print(6)", "checksum 6, but 5 on a"),
            ("print('six')", "could not convert"),
        ],
    )
    def test_one_that_fails_is_said_once_and_left_out(self, bad: str, sentence: str) -> None:
        study = self.study(a="print(5)", b=bad, c="print(5)")
        assert len(study.failures) == 1
        assert study.failures[0].startswith("3.13.0 group program on b: ")
        assert sentence in study.failures[0]
        assert study.rows.find("group", "3.13.0", "program", "b") is None
        for name in "ac":
            row = study.rows.find("group", "3.13.0", "program", name)
            assert row is not None and len(row.runs) == 2

    def test_what_is_wanted(self) -> None:
        assert Study(Console(quiet=True), set()).wants("group", "program")
        some = Study(Console(quiet=True), {"program"})
        assert some.wants("group", "program") and not some.wants("group", "other")

    def test_the_record_and_the_exit_code(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        options = argparse.Namespace(output=tmp_path / "x.json", quick=True)
        study = self.study(a="print(5)")
        assert study.close("x", options, {"rounds": 2}, [], [Figure("a", 1.0)], {"more": 1}) == 0
        written = json.loads(options.output.read_text())
        assert written["benchmark"] == "x" and written["plan"] == {"rounds": 2}
        assert written["more"] == 1 and written["quick"] is True and written["failures"] == []
        assert written["rows"][0]["medians"]["said"] == 5.0
        assert written["summary"]["a"]["value"] == 1.0
        study.fail("a sentence")
        assert study.close("x", options, {}, [], [], {}) == 1
        assert json.loads(options.output.read_text())["failures"] == ["a sentence"]
        assert capsys.readouterr().err == "bench/x.py: failed: a sentence\n"


class TestCounting:
    def test_both_tools_reports_are_read(self) -> None:
        assert read_count("12345,,instructions:u,100,100.00,,\n") == 12345
        assert read_count("==7== \n==7== I   refs:      1,234,567\n") == 1234567

    def test_a_report_without_a_count_is_an_error(self) -> None:
        with pytest.raises(ValueError, match="no instruction count"):
            read_count("<not supported>,,instructions:u,0,100.00,,\n")


class TestRuns:
    def test_time_memory_and_output_are_of_the_program(self) -> None:
        code = "data = b'x' * (150 << 20); sum(range(2_000_000)); print('done')"
        run = run_once([sys.executable, "-c", code])
        assert run.output == "done"
        assert 150 << 20 < run.peak_rss < 400 << 20
        assert 0 < run.user <= run.wall * 2

    def test_the_peak_is_not_that_of_the_caller(self) -> None:
        mine = b"x" * (200 << 20)
        run = run_once([sys.executable, "-S", "-c", "pass"])
        assert len(mine) == 200 << 20
        assert run.peak_rss < 100 << 20

    def test_what_cannot_be_started_is_named(self) -> None:
        with pytest.raises(RunError, match=r"no-such-program: cannot be started: .*No such file"):
            run_once(["/no-such-program"])

    def test_failure_names_the_program_and_the_reason(self) -> None:
        with pytest.raises(RunError, match=r"exit code 1: ValueError: no such thing"):
            run_once([sys.executable, "-c", "raise ValueError('no such thing')"])
        with pytest.raises(RunError, match="signal 9"):
            run_once([sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"])

    def test_the_callers_settings_do_not_reach_the_program(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("PYTHONMALLOC", "LAIR_OPTIONS", "LD_PRELOAD", "MALLOC_ARENA_MAX"):
            monkeypatch.setenv(name, "debug")
        environment = clean_environment({"PYTHONMALLOC": "malloc"})
        assert environment["PYTHONMALLOC"] == "malloc"
        assert not environment.keys() & {"LAIR_OPTIONS", "LD_PRELOAD", "MALLOC_ARENA_MAX"}


class TestInterpreters:
    def test_this_interpreter_is_known(self) -> None:
        found = probe(sys.executable)
        assert found is not None
        assert found.version == ".".join(map(str, sys.version_info[:3]))
        assert Path(found.executable).exists()

    def test_what_is_no_interpreter_is_not_taken(self, tmp_path: Path) -> None:
        assert probe("/bin/true") is None
        assert probe(str(tmp_path / "missing")) is None

    def test_each_is_found_once(self) -> None:
        found = discover(["3.11", "3.12", "3.13"])
        assert len({each.executable for each in found}) == len(found)
        assert len({each.role for each in found}) == len(found)
