"""CPython's own tests, stock and on Lair, compared test by test.

    python tests/python/cpython_suite.py [--full] [--json F] [--set NAME=VALUE]... [--threshold N]
                                         [--starve MODE] [test_list test_dict ...]

Each test module of the installed `test` package runs twice in processes of its own, once under
stock Python and once through `lair run`. The outcome of every single test must be the same. Where
one differs, stock Python runs the module again, twice: a test whose outcome differs between stock
runs is unstable and reported as such; all others that differ are failures of Lair. Nothing is
left out by name.

Exit code 0: the same; 1: something differs; 2: the tests could not be run.
"""

import argparse
import contextlib
import importlib.util
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

# What every run of CI goes through: under three minutes for both runs on two cores.
SHORT = (
    "test_list test_tuple test_dict test_set test_bytes test_bool test_int test_float test_long "
    "test_json test_gc test_weakref test_weakset test_memoryview test_array test_bufio "
    "test_fork1 test_thread test_tracemalloc test_sys test_generators "
    "test_exceptions test_descr test_class test_copy test_deque test_ordered_dict test_struct "
    "test_marshal test_atexit test_finalization"
)

# What `make test-cpython` adds.
LONG = (
    "test_threading test_cmd_line "
    "test_str test_unicode test_userstring test_pickle test_pickletools test_capi test_embed "
    "test_subprocess test_multiprocessing_fork test_multiprocessing_spawn "
    "test_multiprocessing_forkserver test_multiprocessing_main_handling test_concurrent_futures "
    "test_threadsignals test_threading_local test_interpreters test__interpreters "
    "test__xxsubinterpreters test_asyncio test_io test_re test_ast test_compile test_code "
    "test_collections test_functools test_itertools test_heapq test_sort test_decimal "
    "test_fractions test_dataclasses test_enum test_typing test_inspect test_import "
    "test_importlib test_zlib test_bz2 test_lzma test_hashlib test_sqlite3 test_ctypes "
    "test_xml_etree test_xml_etree_c test_csv test_datetime test_zipfile test_tarfile test_mmap "
    "test_faulthandler test_signal test_os test_posix test_cmd_line_script test_runpy test_site "
    "test_resource test_regrtest test_dictviews test_dynamicclassattribute test_userdict "
    "test_userlist test_slice test_range test_iter test_coroutines test_contextlib test_context"
)

Outcomes = dict[str, str]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("modules", nargs="*", metavar="MODULE", help="default: the short list")
    parser.add_argument("--full", action="store_true", help="the long list too")
    parser.add_argument("--json", type=Path, metavar="F", help="every outcome, to F")
    parser.add_argument("--timeout", type=int, default=900, help="seconds for one run of a module")
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="an option of lair run"
    )
    parser.add_argument(
        "--threshold", type=int, metavar="N", help="containers that start a collection, both ways"
    )
    parser.add_argument(
        "--starve", metavar="MODE", help="the collector alone, which never gets memory of its own"
    )
    arguments = parser.parse_args()
    options = [part for each in arguments.set for part in ("--set", each)]
    on_lair, trial = ["-m", "lair", "run", *options], ["--strict", "-c", "pass"]
    if arguments.starve:
        starved = Path(__file__).with_name("starved.py")
        on_lair, trial = [str(starved), arguments.starve], ["-m", "platform"]
    collect_at = ["--threshold", str(arguments.threshold)] if arguments.threshold else []
    if importlib.util.find_spec("test.libregrtest") is None:
        print(f"{sys.executable} has no `test` package (Debian: libpython3-testsuite)")
        return 2
    if subprocess.call([sys.executable, *on_lair, *trial]) != 0:
        print("Lair cannot attach here")
        return 2
    names = arguments.modules or f"{SHORT} {LONG if arguments.full else ''}".split()
    absent = [name for name in names if importlib.util.find_spec(f"test.{name}") is None]
    if arguments.modules and absent:
        print(f"no such test module: {', '.join(absent)}")
        return 2
    record = {}
    for name in names:
        if name not in absent:
            record[name] = compare(name, on_lair, collect_at, arguments.timeout)
            print_line(name, record[name])
    return conclude(record, absent, arguments.json)


def compare(name: str, on_lair: list[str], more: list[str], timeout: int) -> dict:
    """Runs one module both ways, and stock again where something differs."""
    started = time.monotonic()
    stock, ours = run(name, [], more, timeout), run(name, on_lair, more, timeout)
    unstable: set[str] = set()
    if stock != ours:
        for _ in range(2):
            unstable |= different(stock, run(name, [], more, timeout))
    return {
        "tests": len(stock),
        "differ": {
            test: [stock.get(test, "absent"), ours.get(test, "absent")]
            for test in sorted(different(stock, ours) - unstable)
        },
        "unstable": sorted(different(stock, ours) & unstable),
        "outcomes": stock,
        "seconds": round(time.monotonic() - started, 1),
    }


def different(one: Outcomes, other: Outcomes) -> set[str]:
    return {test for test in one.keys() | other.keys() if one.get(test) != other.get(test)}


def run(name: str, host: list[str], more: list[str], timeout: int) -> Outcomes:
    """The outcome of every test of a module, and under "(process)" that of the whole run."""
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.xml"
        tests = ["-m", "test", f"--junit-xml={results}", *more, name]
        command = [sys.executable, *host, *tests]
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            exit_code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            return {"(process)": f"still running after {timeout} s"}
        finally:
            end_session(process)
        outcomes = {"(process)": f"exit code {exit_code}"}
        if results.exists():
            for case in ElementTree.parse(results).iter("testcase"):
                verdict = [child.tag for child in case if child.tag in VERDICTS]
                outcomes[case.get("name", "?")] = verdict[0] if verdict else "passed"
        return outcomes


def end_session(process: subprocess.Popen) -> None:
    """Ends the run and whatever it left behind: tests of interrupted threads can leave a process
    that computes for ever."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


VERDICTS = ("failure", "error", "skipped", "expected-failure", "unexpected-success")


def print_line(name: str, result: dict) -> None:
    verdict = "DIFFERS" if result["differ"] else "same"
    more = f", {len(result['unstable'])} unstable in stock" if result["unstable"] else ""
    print(f"{name:<40}{result['tests'] - 1:>6} tests  {verdict}{more}", flush=True)
    for test, (stock, ours) in result["differ"].items():
        print(f"    {test}: stock {stock}, Lair {ours}", flush=True)


def conclude(record: dict, absent: list[str], path: Path | None) -> int:
    if path:
        version = sys.version.split()[0]
        path.write_text(json.dumps({"schema": 1, "python": version, "modules": record}, indent=1))
    tests = sum(result["tests"] - 1 for result in record.values())
    differ = sum(len(result["differ"]) for result in record.values())
    unstable = sum(len(result["unstable"]) for result in record.values())
    if absent:
        print(f"not part of this CPython: {', '.join(absent)}")
    print(
        f"CPython {sys.version.split()[0]}: {tests} tests of {len(record)} modules, "
        f"{differ} differ, {unstable} unstable in stock Python itself"
    )
    return 1 if differ or not tests else 0


if __name__ == "__main__":
    sys.exit(main())
