"""LAIR_OPTIONS and the start-up hook: inheritance, refusals, tracemalloc."""

import json
import re
import sys
import textwrap

import pytest

ATTACHED = "from lair import _core; print(_core.heap_attached())"
SPAWN_CHILD = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {ATTACHED!r}])"


def test_hook_costs_nothing_when_unset(python):
    code = "import sys; print([name for name in sys.modules if name.startswith('lair')])"
    assert python("-c", code).out == "[]\n"


def test_loaded_into_the_program_is_little(python):
    code = "import sys; print(*sorted(sys.modules))"
    stock = set(python("-c", code).out.split())
    ours = set(python("-c", code, LAIR_OPTIONS="attach=1").out.split())
    builtin = {"_tracemalloc", "atexit", "gc"}
    assert {"lair", "lair._core", "lair._startup"} <= ours - stock
    assert ours - stock <= {"lair", "lair._core", "lair._startup"} | builtin


def test_without_attach_nothing_happens(python):
    outcome = python("-c", ATTACHED, LAIR_OPTIONS="maxheapsize=64M")
    assert (outcome.code, outcome.out, outcome.err) == (0, "False\n", "")


def test_isolated_mode(python):
    assert python("-I", "-c", ATTACHED, LAIR_OPTIONS="attach=1").out == "True\n"


def test_children_inherit(lair):
    assert lair("run", "-c", SPAWN_CHILD).out == "True\n"


def test_no_children(lair):
    code = f"import os; print(os.environ.get('LAIR_OPTIONS')); {ATTACHED}; {SPAWN_CHILD}"
    outcome = lair("run", "--no-children", "-c", f"import sys\n{code}\n")
    assert sorted(outcome.out.split()) == ["False", "None", "True"]


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_multiprocessing_children_are_on_lair_and_report(lair, tmp_path, method):
    (tmp_path / "app.py").write_text(
        textwrap.dedent(f"""
        import multiprocessing
        from lair import _core

        def work(number):
            kept = [str(i) for i in range(10_000)]
            return _core.heap_attached() and len(kept) == 10_000

        if __name__ == "__main__":
            context = multiprocessing.get_context({method!r})
            processes = [context.Process(target=work, args=(i,)) for i in range(2)]
            for process in processes:
                process.start()
            for process in processes:
                process.join()
            print([process.exitcode for process in processes])
            print(*sorted(process.pid for process in processes))
            with context.Pool(2) as pool:
                print(all(pool.map(work, range(4))))
        """)
    )
    outcome = lair("run", "--report-file", "r.json", "app.py", cwd=tmp_path)
    assert outcome.code == 0 and outcome.err == ""
    codes, pids, on_lair = outcome.out.splitlines()
    assert codes == "[0, 0]" and on_lair == "True"
    first = json.loads((tmp_path / "r.json").read_text())["process"]["pid"]
    for pid in pids.split():
        report = json.loads((tmp_path / f"r.json.{pid}").read_text())
        assert report["process"]["pid"] == int(pid) != first


def test_forked_child_goes_on_and_reports(lair, tmp_path):
    code = textwrap.dedent("""
        import os, sys, threading
        threading.Thread(target=lambda: [str(i) for i in range(10_000)]).start()
        kept = [str(i) for i in range(100_000)]
        pid = os.fork()
        if pid == 0:
            kept = kept[::2] + [str(i) for i in range(100_000)]
            sys.exit(len(kept) // 50_000)
        print(pid, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    """)
    outcome = lair("run", "--report-file", "r.json", "-c", code, cwd=tmp_path)
    pid, status = outcome.out.split()
    assert status == "3"
    assert {path.name for path in tmp_path.iterdir()} == {"r.json", f"r.json.{pid}"}


def test_no_children_gives_no_reports_of_forks(lair, tmp_path):
    code = "import os; os.fork() and os.wait()"
    lair("run", "--no-children", "--report-file", "r.json", "-c", code, cwd=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["r.json"]


@pytest.mark.parametrize(
    "setting", [{"PYTHONMALLOC": "debug"}, {"PYTHONMALLOC": "malloc_debug"}, {"PYTHONDEVMODE": "1"}]
)
def test_where_lair_cannot_attach_the_program_runs_after_one_line(lair, setting):
    outcome = lair("run", "-c", ATTACHED, **setting)
    assert (outcome.code, outcome.out) == (0, "False\n")
    lines = [line for line in outcome.err.splitlines() if line.startswith("lair: ")]
    assert len(lines) == 1 and lines[0].endswith(": running on stock memory management")
    strict = lair("run", "--strict", "-c", ATTACHED, **setting)
    assert (strict.code, strict.out) == (2, "")
    assert strict.err.startswith("lair: ") and strict.err.count("\n") == 1


def test_child_that_cannot_attach_is_silent(lair):
    child = f"[sys.executable, '-X', 'dev', '-c', {ATTACHED!r}]"
    code = f"import subprocess, sys; subprocess.run({child})"
    for options in ((), ("--strict",)):
        outcome = lair("run", *options, "-c", code)
        assert (outcome.code, outcome.out, outcome.err) == (0, "False\n", "")


@pytest.mark.parametrize("isolated", [True, False])
@pytest.mark.parametrize("attached", [True, False])
def test_further_interpreters_are_silent(lair, isolated, attached):
    code = textwrap.dedent(f"""
        try:
            import _interpreters as interpreters
        except ImportError:
            import _xxsubinterpreters as interpreters
        try:
            own = interpreters.create(isolated={isolated})
        except TypeError:
            own = interpreters.create("isolated" if {isolated} else "legacy")
        interpreters.run_string(own, "print(sum(len(str(i)) for i in range(1000)))")
        interpreters.destroy(own)
    """)
    options = () if attached else ("-X", "dev")
    outcome = lair("run", *options, "-c", code)
    assert (outcome.code, outcome.out) == (0, "2890\n")
    said = [line for line in outcome.err.splitlines() if line.startswith("lair: ")]
    assert len(said) == (0 if attached else 1) and "lair.pth" not in outcome.err


@pytest.mark.parametrize("how", ["option", "environment"])
def test_tracemalloc_that_traces_already(lair, how):
    code = textwrap.dedent("""
        import tracemalloc
        from lair import _core
        kept = [str(i) for i in range(1000)]
        snapshot = tracemalloc.take_snapshot()
        print(_core.heap_attached(), tracemalloc.get_traceback_limit(),
              tracemalloc.get_traced_memory()[0] > 50_000, len(snapshot.traces) > 900)
        tracemalloc.stop()
        print(_core.heap_attached())
    """)
    if how == "option":
        outcome = lair("run", "-X", "tracemalloc=7", "-c", code)
    else:
        outcome = lair("run", "-c", code, PYTHONTRACEMALLOC="7")
    assert (outcome.out, outcome.err) == ("True 7 True True\nTrue\n", "")


def test_allocated_blocks_make_sense(lair):
    code = textwrap.dedent("""
        import sys
        before = sys.getallocatedblocks()
        kept = [object() for _ in range(10_000)]
        during = sys.getallocatedblocks()
        del kept
        after = sys.getallocatedblocks()
        print(10_000 <= during - before <= 10_100, abs(after - before) < 100, before > 1000)
    """)
    assert lair("run", "-c", code).out == "True True True\n"


def test_address_space_limit_of_the_system(lair):
    code = (
        "import resource, os, sys\n"
        "resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))\n"
        f"os.execv(sys.executable, [sys.executable, '-m', 'lair', 'run', '-c', {ATTACHED!r}])\n"
    )
    outcome = lair("run", "-c", code)
    assert (outcome.code, outcome.out, outcome.err) == (0, "True\n", "")


def test_signal_reports_while_the_program_runs(lair, tmp_path):
    code = textwrap.dedent("""
        import os, pathlib, signal
        kept = [str(i) for i in range(100_000)]
        for turn in range(2):
            os.kill(os.getpid(), signal.SIGUSR1)
            path = pathlib.Path("r.json")
            print("signal" in path.read_text())
            path.unlink()
    """)
    outcome = lair(
        "run", "--report-signal", "USR1", "--report-file", "r.json", "-c", code, cwd=tmp_path
    )
    assert (outcome.code, outcome.out, outcome.err) == (0, "True\nTrue\n", "")
    report = json.loads((tmp_path / "r.json").read_text())
    assert report["process"]["reason"] == "exit"


def test_signal_alone_gives_no_report_at_exit(lair):
    code = "import os, signal; os.kill(os.getpid(), signal.SIGUSR2); print('on')"
    outcome = lair("run", "--report-signal", "SIGUSR2", "-c", code)
    assert outcome.out == "on\n"
    assert outcome.err.count("Where the memory is") == 1


def test_nested_run_is_a_first_process_again(lair, tmp_path):
    inner = [sys.executable, "-m", "lair", "run", "--report-file", "in.json", "-c", "print(1)"]
    code = f"import subprocess; subprocess.run({inner!r})"
    lair("run", "--report-file", "out.json", "-c", code, cwd=tmp_path)
    names = {path.name for path in tmp_path.iterdir()}
    assert {"in.json", "out.json"} <= names


def test_daemon_threads_at_exit(lair):
    code = textwrap.dedent("""
        import threading
        def work():
            while True:
                [str(i) for i in range(1000)]
        for _ in range(4):
            threading.Thread(target=work, daemon=True).start()
        print(sum(range(100_000)))
    """)
    outcome = lair("run", "--report", "-c", code)
    assert (outcome.code, outcome.out) == (0, "4999950000\n")
    assert "Where the memory is" in outcome.err


def test_program_that_changes_its_folder(lair, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    code = "import os; os.chdir('elsewhere')"
    lair("run", "--report-file", "r.json", "-c", code, cwd=tmp_path)
    assert (tmp_path / "r.json").exists() and not list((tmp_path / "elsewhere").iterdir())


def test_showrefcount_adds_up_references_at_exit(lair):
    def at_exit(code: str) -> int:
        outcome = lair("run", "--set", "showrefcount=on", "-c", code)
        assert outcome.code == 0
        match = re.fullmatch(r"\[(\d+) refs, (\d+) blocks\]\n", outcome.err)
        assert match and int(match[2]) > 1000, outcome.err
        return int(match[1])

    many, twice = (at_exit(f"kept = [[] for _ in range({n})]") for n in (10_000, 20_000))
    assert 9_900 <= twice - many <= 10_100  # tuples may have been untracked meanwhile
