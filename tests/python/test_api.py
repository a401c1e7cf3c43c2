"""`import lair`: attach, detach, the limit, the ledger."""

import textwrap

import pytest


def run(python, code: str) -> str:
    outcome = python("-c", textwrap.dedent(code))
    assert outcome.code == 0, outcome.err
    return outcome.out


def test_attach_detach_attach(python):
    code = """
        import lair
        before = [str(i) for i in range(10_000)]
        print(lair.attach(options="maxheapsize=64M"))
        during = [str(i) for i in range(10_000)]
        lair.detach()
        after = [str(i) for i in range(10_000)]
        print(before == during == after, lair.ledger()["live"] > 0)
        del before, during, after
        print(lair.attach(), lair.report().process.reason)
    """
    assert run(python, code) == "True\nTrue True\nTrue call\n"


def test_options_as_a_mapping(python):
    code = """
        import lair
        lair.attach(options={"maxheapsize": "64M", "hardened": True, "softheapsize": 32 << 20})
        print(lair.limit.hard == 64 << 20, lair.limit.soft == 32 << 20)
    """
    assert run(python, code) == "True True\n"


def test_limit(python):
    code = """
        import lair
        def soft_is_nine_tenths():
            return abs(lair.limit.hard * 0.9 - lair.limit.soft) < 16
        lair.attach()
        print(lair.limit.hard, lair.limit.soft)
        lair.limit.hard = "256M"
        print(lair.limit.hard == 256 << 20, soft_is_nine_tenths())
        lair.limit.soft = 100 << 20
        print(lair.limit.hard == 256 << 20, lair.limit.soft == 100 << 20)
        lair.limit.hard = "50%"
        print(lair.limit.hard > 0, soft_is_nine_tenths())
        lair.limit.hard = None
        print(lair.limit.hard, lair.limit.soft)
    """
    expected = "None None\nTrue True\nTrue True\nTrue True\nNone None\n"
    assert run(python, code) == expected


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("lair.limit.hard = 1", "ValueError"),
        ("lair.limit.hard = -5", "ValueError"),
        ("lair.limit.hard = 'much'", "ValueError"),
        ("lair.limit.hard = 1.5", "TypeError"),
        ("lair.limit.hard = True", "TypeError"),
        ("lair.attach()", "RuntimeError"),
        ("lair.attach(heap=False, collector='quick')", "ValueError"),
        ("lair.attach(options='frob=1')", "ValueError"),
        ("lair.attach(options={'reportfile': 'a,b'})", "ValueError"),
    ],
)
def test_errors_change_nothing(python, statement, error):
    code = f"""
        import lair
        lair.attach(options="maxheapsize=64M")
        before = lair.limit.hard
        try:
            {statement}
        except {error} as fault:
            print(bool(str(fault)), lair.limit.hard == before)
    """
    assert run(python, code) == "True True\n"


@pytest.mark.parametrize("call", ["report()", "ledger()", "trim()", "detach()", "limit.hard"])
def test_before_the_first_attach(python, call):
    code = f"""
        import lair
        try:
            lair.{call}
        except RuntimeError as fault:
            print(bool(str(fault)))
    """
    assert run(python, code) == "True\n"


def test_warning_or_error_where_lair_cannot_attach(python):
    code = textwrap.dedent("""
        import warnings, lair
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            print(lair.attach(), caught[0].category.__name__)
        try:
            lair.attach(strict=True)
        except RuntimeError:
            print("refused")
    """)
    assert python("-c", code, PYTHONMALLOC="debug").out == "False RuntimeWarning\nrefused\n"


def test_trim_returns_memory(python):
    code = """
        import lair
        lair.attach(options={"decay": "never"})
        kept = ["x" * 200 + str(i) for i in range(200_000)]
        del kept
        cached = lair.ledger()["cached"]
        returned = lair.trim()
        print(returned >= cached > 1 << 20, lair.ledger()["cached"] < cached)
    """
    assert run(python, code) == "True True\n"


def test_import_is_light(python):
    code = """
        import sys
        before = set(sys.modules)
        import lair
        print(*sorted(set(sys.modules) - before))
    """
    assert run(python, code) == "lair lair._core\n"
