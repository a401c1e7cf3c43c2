"""The comparison of CPython's own tests: a short run of it, and that it can fail."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import cpython_suite
import pytest

SUITE = Path(cpython_suite.__file__)
MODULES = ("test_list", "test_dict", "test_gc", "test_fork1", "test_json")

needs_test_package = pytest.mark.skipif(
    importlib.util.find_spec("test.libregrtest") is None,
    reason="this interpreter has no `test` package (Debian: libpython3-testsuite)",
)


@needs_test_package
def test_same_outcomes(tmp_path):
    results = tmp_path / "results.json"
    done = subprocess.run(
        [sys.executable, str(SUITE), "--json", str(results), *MODULES],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    modules = json.loads(results.read_text())["modules"]
    assert set(modules) == set(MODULES)
    for result in modules.values():
        assert result["tests"] > 1 and "passed" in result["outcomes"].values()


def test_a_difference_is_found(monkeypatch):
    answers = {"stock": {"(process)": "exit code 0", "a": "passed"}, "lair": {"a": "failure"}}
    monkeypatch.setattr(
        cpython_suite, "run", lambda name, host, *_: answers["lair" if host else "stock"]
    )
    result = cpython_suite.compare("test_any", ["-m", "lair", "run"], [], 1)
    assert result["differ"] == {
        "(process)": ["exit code 0", "absent"],
        "a": ["passed", "failure"],
    }
    assert cpython_suite.conclude({"test_any": result}, [], None) == 1


def test_what_is_unstable_in_stock_is_no_difference(monkeypatch):
    outcomes = iter(["passed", "failure", "error", "passed"])
    monkeypatch.setattr(cpython_suite, "run", lambda *_: {"a": next(outcomes)})
    result = cpython_suite.compare("test_any", ["-m", "lair", "run"], [], 1)
    assert result["differ"] == {} and result["unstable"] == ["a"]


def test_unknown_module_is_named():
    done = subprocess.run(
        [sys.executable, str(SUITE), "test_no_such"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "test_no_such" in done.stdout or "no `test` package" in done.stdout
