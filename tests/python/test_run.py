"""`lair run` does what `python` does, on Lair."""

import os
import signal
import subprocess
import sys
import textwrap

import pytest

SCRIPT = """\
import os, sys
print(__name__, __file__, sys.argv, sys.path[0], sys.flags.optimize)
print(type(sys.modules["__main__"]).__name__, __spec__ and __spec__.name, os.getcwd())
for line in sys.stdin:
    print("read", line, end="")
"""
FAILING = """\
def inner(number):
    return 1 / number

def outer():
    inner(0)

outer()
"""
ATTACHED = "from lair import _core; print(_core.heap_attached())"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "app.py").write_text(SCRIPT)
    (tmp_path / "failing.py").write_text(FAILING)
    (tmp_path / "exits.py").write_text("import sys; print('so far'); sys.exit(7)")
    (tmp_path / "message.py").write_text("raise SystemExit('a message')")
    (tmp_path / "broken.py").write_text("def f(:\n")
    package = tmp_path / "package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "__main__.py").write_text(SCRIPT)
    return tmp_path


@pytest.mark.parametrize(
    "arguments",
    [
        ("app.py",),
        ("app.py", "-x", "--report", "--set", "a b"),
        ("./app.py", "-m"),
        ("package",),
        ("-m", "package", "-c", "one"),
        ("-mpackage",),
        ("-c", "import sys; print(sys.argv, sys.stdin.read())", "--", "-q"),
        ("-", "after"),
        ("-O", "app.py"),
        ("-OO", "-B", "-u", "app.py"),
        ("-Im", "json.tool", "--help"),
        ("-I", "app.py"),
        ("-E", "-s", "-P", "app.py"),
        ("-Wignore", "-W", "error::DeprecationWarning", "-c", "import sys; print(sys.warnoptions)"),
        ("-X", "utf8", "-Xint_max_str_digits=1000", "-c", "import sys; print(sys._xoptions)"),
        ("--check-hash-based-pycs", "never", "app.py"),
        ("failing.py",),
        ("-m", "failing"),
        ("-c", FAILING),
        ("exits.py",),
        ("message.py",),
        ("broken.py",),
        ("-m", "package.nothing"),
        ("-m", "no_such_module"),
        ("-c", "import sys; sys.exit(300)"),
        ("-c", "print(open(0).read())"),
    ],
)
def test_same_as_python(python, lair, folder, arguments):
    stdin = "import sys\nprint(sys.argv)\n" if arguments[0] == "-" else "one\ntwo\n"
    stock = python(*arguments, stdin=stdin, cwd=folder)
    ours = lair("run", *arguments, stdin=stdin, cwd=folder)
    assert ours == stock


@pytest.mark.parametrize(
    "options",
    [(), ("-X", "maxheapsize=64M"), ("--set", "decay=never"), ("-I",), ("-Es",), ("--strict",)],
)
def test_program_is_on_lair(lair, options):
    outcome = lair("run", *options, "-c", ATTACHED)
    assert (outcome.code, outcome.out, outcome.err) == (0, "True\n", "")


def test_options_reach_the_heap(lair):
    code = "import lair; print(lair.limit.hard, lair.limit.soft)"
    outcome = lair("run", "-Xmaxheapsize=64M", "--set", "softheapsize=32M", "-c", code)
    assert outcome.out.split() == [str(64 << 20), str(32 << 20)]


def test_later_option_counts_and_environment_is_kept(lair):
    code = "import lair; print(lair.limit.hard)"
    outcome = lair("run", "-c", code, LAIR_OPTIONS="maxheapsize=32M,decay=never")
    assert outcome.out == f"{32 << 20}\n"
    outcome = lair(
        "run", "-Xmaxheapsize=64M", "-Xmaxheapsize=96M", "-c", code, LAIR_OPTIONS="maxheapsize=32M"
    )
    assert outcome.out == f"{96 << 20}\n"


def test_console_script_beside_the_interpreter_and_on_path(lair, tmp_path):
    assert lair("run", "pytest", "--version").out.startswith("pytest ")
    script = tmp_path / "on-the-path"
    script.write_text(f"#!/usr/bin/env python3\nimport sys\nprint(sys.argv)\n{ATTACHED}\n")
    script.chmod(0o755)
    outcome = lair("run", "on-the-path", "x", PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert outcome.out == f"{[str(script), 'x']}\nTrue\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_death_by_signal_is_the_programs(python, lair, number):
    code = f"import os; os.kill(os.getpid(), {int(number)})"
    stock = python("-c", code)
    assert lair("run", "-c", code) == stock
    assert stock.code == -number


def test_signal_from_outside_meets_the_program_itself():
    # No process of Lair's stands between: the one that was started is the one that answers.
    code = textwrap.dedent("""
        import os, signal
        signal.signal(signal.SIGUSR2, lambda *_: print("caught", flush=True) or os._exit(4))
        print(os.getpid(), flush=True)
        while True:
            signal.pause()
    """)
    with subprocess.Popen(
        [sys.executable, "-m", "lair", "run", "-c", code], stdout=subprocess.PIPE, text=True
    ) as process:
        assert int(process.stdout.readline()) == process.pid
        process.send_signal(signal.SIGUSR2)
        assert process.stdout.readline() == "caught\n"
        assert process.wait(timeout=30) == 4


def test_memory_error_at_the_limit_can_be_handled(lair):
    code = textwrap.dedent("""
        import lair
        kept, had = [], 0
        try:
            for _ in range(1_000_000):
                kept.append(bytes(1000))
        except MemoryError:
            had = len(kept)
        kept.clear()
        print(had > 1000, lair.ledger()["footprint"] <= lair.limit.hard, sum(range(1000)))
    """)
    outcome = lair("run", "-X", "maxheapsize=32M", "-c", code)
    assert (outcome.code, outcome.out, outcome.err) == (0, "True True 499500\n", "")


def test_uncaught_memory_error_has_a_traceback(lair):
    code = "x = []\nfor _ in range(1_000_000): x.append(bytes(1000))"
    outcome = lair("run", "-X", "maxheapsize=32M", "-c", code)
    assert outcome.code == 1
    assert outcome.err.startswith("Traceback") and outcome.err.endswith("MemoryError\n")
