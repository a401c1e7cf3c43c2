"""Random graphs: Lair's collector and the built-in one must do the same, and keep what lives."""

import os
from pathlib import Path

import pytest
from conftest import run_program

PROGRAM = str(Path(__file__).with_name("collector_graphs.py"))
STEPS = os.environ.get("LAIR_GRAPH_STEPS", "3000")
SEEDS = range(int(os.environ.get("LAIR_GRAPH_SEEDS", "3")))


def graphs(mode: str, seed: int, *more: str) -> str:
    outcome = run_program("-X", "faulthandler", PROGRAM, mode, str(seed), STEPS, *more)
    assert outcome.code == 0, f"{outcome.out[-2000:]}\n{outcome.err[-2000:]}"
    assert outcome.err == ""
    return outcome.out


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("mode", ["auto", "manual", "incremental"])
def test_the_same_as_stock(mode, seed):
    stock = graphs("stock", seed)
    assert "collect 2" in stock and "callback" in stock and "del" in stock
    assert graphs(mode, seed) == stock


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("mode", ["auto", "incremental"])
def test_nothing_lives_too_short_or_too_long(mode, seed):
    out = graphs(mode, seed, "automatic")
    assert out == "left 0 finalized 1 garbage []\ndone\n"


@pytest.mark.parametrize("seed", (0, 9, 13, 16))
@pytest.mark.parametrize("mode", ["auto", "incremental"])
def test_the_interpreter_ends_in_the_middle(mode, seed):
    """Finalizers collect, and look at all objects, in collections that nobody is told of."""
    steps = str(302 + seed * 17)
    outcome = run_program(
        "-X", "faulthandler", PROGRAM, mode, str(seed), steps, "automatic", "fails"
    )
    assert outcome.code == 1, outcome.err
    assert outcome.err.endswith("NotImplementedError\n")


def test_the_program_sees_a_collector_that_clears_too_much():
    """The check is worth something: a node whose world was cleared is noticed."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import collector_graphs\n"
        "node = collector_graphs.Node(); node.table.clear(); node.check()"
    )
    outcome = run_program("-c", code, str(Path(PROGRAM).parent))
    assert outcome.code == 1 and "KeyError" in outcome.err
