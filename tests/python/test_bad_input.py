"""Bad input: one line that names the fault, and a non-zero exit code."""

import os
import sys

import pytest

BAD_COMMANDS = [
    (("frobnicate",), 2, "frobnicate: no such command"),
    (("run",), 2, "no program given"),
    (("run", "nosuch"), 2, "nosuch: no script of this name"),
    (("run", "nosuch.py"), 2, "nosuch.py: no such script"),
    (("run", "./nosuch"), 2, "./nosuch: no such script"),
    (("run", "ls"), 2, "is not a Python script"),
    (("run", "-m"), 2, "-m needs a value"),
    (("run", "-c"), 2, "-c needs a value"),
    (("run", "-S", "-c", "1"), 2, "-S"),
    (("run", "-IS", "-c", "1"), 2, "-S"),
    (("run", "-z", "-c", "1"), 2, "-z: no such option"),
    (("run", "--frob", "-c", "1"), 2, "--frob: no such option"),
    (("run", "--report=yes", "-c", "1"), 2, "--report takes no value"),
    (("run", "--set"), 2, "--set needs a value"),
    (("run", "--set", "frob=1", "-c", "1"), 2, "frob"),
    (("run", "-X", "frob=1", "-c", "1"), 2, "frob"),
    (("run", "--set", "maxheapsize=1M,decay=1", "-c", "1"), 2, "cannot contain a comma"),
    (("run", "-X", "maxheapsize=12Q", "-c", "1"), 2, "12Q"),
    (("run", "-X", "maxheapsize=-1", "-c", "1"), 2, "-1"),
    (("run", "-X", "maxheapsize", "-c", "1"), 2, "maxheapsize"),
    (("run", "-X", "pagesize=5000", "-c", "1"), 2, "pagesize"),
    (("run", "-X", "objects=10", "-c", "1"), 2, "the interpreter's free lists are its own"),
    (("run", "-X", "gctype=quick", "-c", "1"), 2, "quick"),
    (("run", "-X", "maxheapsize=1M", "-c", "1"), 2, "maxheapsize"),
    (("run", "--report-file", "/no/such/folder/f.json", "-c", "1"), 2, "/no/such/folder"),
    (("run", "--report-file", "/", "-c", "1"), 2, "this is a folder"),
    (("run", "--report-file", "a,b", "-c", "1"), 2, "a,b"),
    (("run", "--report-signal", "FROB", "-c", "1"), 2, "FROB: no such signal"),
    (("run", "--report-signal", "KILL", "-c", "1"), 2, "cannot be handled"),
    (("run", "--report-signal", "_DFL", "-c", "1"), 2, "_DFL: no such signal"),
    (("compare", "-c"), 2, "-c needs a value"),
    (("compare", "--runs", "0", "-c", "1"), 2, "--runs 0"),
    (("compare", "--runs", "two", "-c", "1"), 2, "--runs two"),
    (("compare", "-"), 2, "-: every run needs the program anew"),
    (("compare", "--report", "-c", "1"), 2, "report"),
    (("compare", "--json", "/no/such/f", "--runs", "1", "-c", "1"), 1, "/no/such/f"),
    (("compare", "-c", "raise SystemExit(3)"), 1, "exit code 3"),
    (("compare", "-c", "import os; os.kill(os.getpid(), 9)"), 1, "signal 9"),
    (("report", "/no/such/report"), 2, "/no/such/report: No such file"),
    (("report", __file__), 2, "not JSON"),
    (("enable", "--frob"), 2, "--frob"),
]


@pytest.mark.parametrize(("arguments", "code", "sentence"), BAD_COMMANDS)
def test_fault_is_named(lair, arguments, code, sentence):
    outcome = lair(*arguments)
    assert outcome.code == code
    assert sentence in outcome.err
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ("attach=1,frob=1", "frob"),
        ("attach=perhaps", "perhaps"),
        ("attach=1,maxheapsize=many", "many"),
        ("attach=1,reportsignal=FROB", "FROB"),
        ("attach=1,maxheapsize=1M", "maxheapsize"),
    ],
)
def test_environment_variable(python, options, sentence):
    outcome = python("-c", "print('ran')", LAIR_OPTIONS=options)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("lair: ") and outcome.err.count("\n") == 1
    assert sentence in outcome.err


def test_unknown_option_lists_what_is_valid(lair):
    assert "maxheapsize" in lair("run", "--set", "frob=1", "-c", "1").err


def test_help_of_every_command(lair):
    usage = lair("--help")
    assert usage.code == 0
    for verb in ("run", "compare", "report", "options", "enable", "disable"):
        assert verb in usage.out
        outcome = lair(verb, "--help")
        assert outcome.code == 0 and outcome.out.startswith("usage: lair " + verb)


def test_version_and_options(lair):
    assert lair("--version").out.startswith("lair ")
    table = lair("options", COLUMNS="200")
    assert table.code == 0
    for name in ("maxheapsize", "pagesize", "gctype", "reportfile"):
        assert name in table.out


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_report_file_without_permission(lair, tmp_path):
    tmp_path.chmod(0o500)
    outcome = lair("run", "--report-file", str(tmp_path / "f"), "-c", "1")
    assert outcome.code == 2 and "no permission" in outcome.err


def test_interpreter_is_named_where_the_script_is_not_found(lair):
    assert sys.executable in lair("run", "nosuch").err
