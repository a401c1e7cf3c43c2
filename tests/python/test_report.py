"""The report: it adds up, it is valid JSON of one schema, it is drawn, its advice follows."""

import copy
import json
import re
import textwrap

import pytest
from lair.reporting import advice, units
from lair.reporting.model import Report

MIB = 1 << 20
# Grows to about 60 MiB of strings, drops all but one in a hundred, and holds 8 MiB of C memory.
CHURN = textwrap.dedent("""
    import mmap
    native = mmap.mmap(-1, 8 << 20)
    native.write(bytes(8 << 20))
    words = ["word %d" % i * 4 for i in range(400_000)]
    words = words[::100]
""")
PARTS = ("live", "free_in_pools", "cached", "overhead", "native")


@pytest.fixture(scope="module")
def churned(tmp_path_factory):
    from conftest import run_program

    path = tmp_path_factory.mktemp("report") / "r.json"
    outcome = run_program(
        "-m", "lair", "run", "-X", "maxheapsize=256M", "--report-file", str(path), "-c", CHURN
    )
    assert (outcome.code, outcome.err) == (0, "")
    return json.loads(path.read_text())


def test_resident_memory_adds_up(churned):
    for moment in ("now", "peak"):
        split = churned[moment]
        assert sum(split[part] for part in PARTS) == split["resident"]
        assert all(split[part] >= 0 for part in PARTS)


def test_ledger_adds_up(churned):
    for books in (churned["ledger"], churned["peak_ledger"]):
        parts = ("live", "free_in_pools", "cached", "purged", "overhead")
        assert sum(books[part] for part in parts) == books["committed"]


def test_numbers_are_those_of_the_program(churned):
    assert churned["peak_ledger"]["live"] > 400_000 * 64
    assert churned["ledger"]["live"] < churned["peak_ledger"]["live"] / 2
    assert churned["now"]["native"] > 8 * MIB
    assert churned["limit"]["hard"] == 256 * MIB
    assert churned["limit"]["soft"] == pytest.approx(256 * MIB * 0.9, abs=16)
    assert churned["limit"]["peak_footprint"] < 256 * MIB
    assert churned["peak"]["resident"] >= churned["now"]["resident"] - MIB
    spans = [c for c in churned["classes"] if c["block_bytes"] == 0]
    small = [c for c in churned["classes"] if c["block_bytes"]]
    assert len(spans) <= 1 and small
    for use in small:
        assert sum(use["fill"]) == use["pools"]
        assert use["live_bytes"] == use["blocks"] * use["block_bytes"]
    # The collector takes its numbers one after the other, and allocates meanwhile.
    assert sum(c["blocks"] for c in churned["classes"]) == pytest.approx(
        churned["ledger"]["blocks"], abs=200
    )


def test_what_the_system_says(lair):
    code = textwrap.dedent("""
        import lair
        words = [str(i) for i in range(300_000)]
        def system(path, name):
            for line in open(path):
                if line.startswith(name + ":"):
                    return int(line.split()[1]) * 1024
        before = system("/proc/self/smaps_rollup", "Rss")
        report = lair.report()
        after = system("/proc/self/smaps_rollup", "Rss")
        slack = 1 << 20
        print(before - slack <= report.now.resident <= after + slack)
        print(report.peak.resident <= system("/proc/self/status", "VmHWM") + slack)
    """)
    outcome = lair("run", "-c", code)
    assert (outcome.out, outcome.err) == ("True\nTrue\n", "")


def test_round_trip(churned):
    report = Report.from_dict(churned)
    assert report.to_dict() == churned
    assert json.loads(report.to_json()) == churned
    assert str(report).startswith(f"Lair: process {churned['process']['pid']}, ")


def test_report_on_call_is_typed_and_printable(lair):
    code = textwrap.dedent("""
        import lair
        report = lair.report()
        print(type(report).__name__, report.process.reason, report.limit.hard)
        print(report)
    """)
    lines = lair("run", "-c", code).out.splitlines()
    assert lines[0] == "Report call 0"
    assert "resident at the peak" in lines[2]


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        (("schema",), 99, "schema 99"),
        (("now", "live"), "much", "now.live: expected int"),
        (("now", "live"), True, "now.live: expected int"),
        (("now",), [], "now: expected an object"),
        (("classes",), {}, "classes: expected a list"),
        (("classes", 0, "fill"), [1, 2], "classes[0].fill: expected ten counts"),
        (("classes", 0, "fill", 3), None, "classes[0].fill[3]: expected int"),
        (("limit", "surplus"), 1, "limit.surplus: unknown field"),
    ],
)
def test_damaged_report_is_refused(churned, lair, tmp_path, path, value, sentence):
    damaged = copy.deepcopy(churned)
    place = damaged
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(ValueError, match=re.escape(sentence)):
        Report.from_dict(damaged)
    (tmp_path / "r.json").write_text(json.dumps(damaged))
    outcome = lair("report", str(tmp_path / "r.json"))
    assert outcome.code == 2 and sentence in outcome.err


def test_missing_field_is_named(churned):
    damaged = copy.deepcopy(churned)
    del damaged["time"]["cpu_s"]
    with pytest.raises(ValueError, match=r"time\.cpu_s: missing field"):
        Report.from_dict(damaged)


def test_picture(churned, lair, tmp_path):
    (tmp_path / "r.json").write_text(json.dumps(churned))
    outcome = lair("report", str(tmp_path / "r.json"))
    assert (outcome.code, outcome.err) == (0, "")
    for words in (
        "Where the memory is",
        "resident",
        "Native is memory that Lair did not give out",
        "Limit",
        "Pools by fill",
        "Biggest size classes",
        "Counts",
        "Next",
    ):
        assert words in outcome.out
    assert max(map(len, outcome.out.splitlines())) <= 96
    for bar in re.findall(r"(?:peak|now ) ([█▓▒░╌]+)", outcome.out):
        assert len(bar) <= 60


def test_at_exit_on_standard_error(lair):
    outcome = lair("run", "--report", "-c", "print('out')")
    assert outcome.out == "out\n"
    assert "Where the memory is" in outcome.err


def test_report_of_a_program_that_fails(lair):
    outcome = lair("run", "--report", "-c", "1/0")
    assert outcome.code == 1
    error, picture = outcome.err.index("ZeroDivisionError"), outcome.err.index("Where the memory")
    assert error < picture


def test_report_under_a_limit_that_was_met(lair):
    code = textwrap.dedent("""
        kept = []
        try:
            for _ in range(1_000_000):
                kept.append(bytes(1000))
        except MemoryError:
            print("met")
    """)
    outcome = lair("run", "-X", "maxheapsize=24M", "--report", "-c", code)
    assert (outcome.code, outcome.out) == (0, "met\n")
    assert "of 24.0 MiB at the peak" in outcome.err
    assert "The limit of 24.0 MiB refused" in outcome.err


def test_rendering_leaves_the_program_alone(lair):
    # What rendering imports is in another process, and settings meant for the program are not.
    code = textwrap.dedent("""
        import atexit, sys
        atexit.register(lambda: print("rich" in sys.modules, "json" in sys.modules))
    """)
    outcome = lair("run", "--report", "-c", code, PYTHONWARNINGS="error", PYTHONVERBOSE="")
    assert outcome.out == "False False\n"
    assert "Where the memory is" in outcome.err


def test_summary_where_nothing_can_be_started(lair):
    code = "import sys; sys.executable = '/no/such/python'"
    outcome = lair("run", "--report", "-c", code)
    assert outcome.code == 0
    assert outcome.err.startswith("Lair: process ") and "resident now" in outcome.err


def test_file_that_cannot_be_written_at_exit(lair, tmp_path):
    (tmp_path / "folder").mkdir()
    code = "import os; os.rmdir('folder')"
    outcome = lair("run", "--report-file", "folder/r.json", "-c", code, cwd=tmp_path)
    assert outcome.code == 0
    assert outcome.err.startswith("lair: cannot write the report to ")


def test_process_id_in_the_file_name(lair, tmp_path):
    outcome = lair(
        "run", "--report-file", "r-%p.json", "-c", "import os; print(os.getpid())", cwd=tmp_path
    )
    assert [path.name for path in tmp_path.iterdir()] == [f"r-{outcome.out.strip()}.json"]


# -- advice: each rule speaks where its numbers say so, and is silent otherwise -------------------


def changed(report: dict, **changes) -> Report:
    """A report whose fields "section__name" are replaced."""
    values = copy.deepcopy(report)
    for key, value in changes.items():
        section, _, name = key.partition("__")
        if name:
            values[section][name] = value
        else:
            values[section] = value
    return Report.from_dict(values)


def half_empty_class(pools: int) -> dict:
    return {
        "block_bytes": 64,
        "pool_bytes": 16384,
        "pools": pools,
        "pools_full": 0,
        "blocks": 10 * pools,
        "capacity": 256 * pools,
        "live_bytes": 640 * pools,
        "fill": [pools] + [0] * 9,
    }


RULES = [
    (advice.limit_reached, {"limit__refused": 3, "limit__hard": 64 * MIB}, {"limit__refused": 0}),
    (
        advice.limit_near,
        {"limit__refused": 0, "limit__hard": 64 * MIB, "limit__peak_footprint": 60 * MIB},
        {"limit__peak_footprint": 10 * MIB, "limit__hard": 64 * MIB},
    ),
    (
        advice.attached_late,
        {"counts__foreign_frees": 500_000, "counts__blocks": 400_000},
        {"counts__foreign_frees": 1000},
    ),
    (
        advice.small_program,
        {"peak__resident": 12 * MIB, "peak__native": 8 * MIB},
        {"peak__resident": 120 * MIB, "peak__native": 8 * MIB},
    ),
    (
        advice.native_dominates,
        {"peak__resident": 300 * MIB, "peak__native": 200 * MIB},
        {"peak__resident": 300 * MIB, "peak__native": 100 * MIB},
    ),
    (
        advice.fragmented,
        {"classes": [half_empty_class(1000)], "now__resident": 40 * MIB},
        {"classes": [half_empty_class(10)], "now__resident": 40 * MIB},
    ),
    (
        advice.cached_high,
        {"now__cached": 30 * MIB, "now__resident": 60 * MIB},
        {"now__cached": 1 * MIB},
    ),
    (
        advice.purging_often,
        {"time__purge_s": 1.0, "time__cpu_s": 10.0},
        {"time__purge_s": 0.01, "time__cpu_s": 10.0},
    ),
    (advice.set_a_limit, {"limit__hard": 0}, {"limit__hard": 64 * MIB}),
]


@pytest.mark.parametrize(
    ("rule", "speaks", "silent"), RULES, ids=lambda v: getattr(v, "__name__", "")
)
def test_advice_follows_from_numbers(churned, rule, speaks, silent):
    assert rule(changed(churned, **speaks))
    assert rule(changed(churned, **silent)) is None


def test_short_peak_is_said_while_the_program_runs(churned):
    live = {"now__live": 5 * MIB, "peak__live": 50 * MIB}
    during = changed(churned, **live, process__reason="signal")
    assert advice.short_peak(during)
    assert advice.short_peak(changed(churned, **live)) is None


def test_every_rule_is_tested_and_one_or_two_are_shown(churned):
    assert {rule for rule, _, _ in RULES} | {advice.short_peak} == set(advice.RULES)
    assert 1 <= len(advice.next_steps(Report.from_dict(churned))) <= 2


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.00 KiB"),
        (16 * 1024, "16.0 KiB"),
        (1023 * 1024, "1.00 MiB"),
        (150 * MIB, "150 MiB"),
        (5 << 40, "5.00 TiB"),
    ],
)
def test_sizes_as_people_read_them(value, text):
    assert units.size(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0.00 µs"), (0.0021, "2.10 ms"), (1.5, "1.50 s"), (99.99, "100 s"), (125, "2 min 05 s")],
)
def test_times_as_people_read_them(value, text):
    assert units.seconds(value) == text
