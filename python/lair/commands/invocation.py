"""A command line of `lair run`: Lair's options, the interpreter's, and the program.

    [lair options] [interpreter options] script | -m module | -c code | - | console-script [args]

Lair's options and the interpreter's may stand in any order before the program. They are told
apart by a loop rather than by argparse, because the interpreter's options cluster ("-Im"), end at
the program, and must reach it as they were written. Paths are os.path's: pathlib costs more than
all of `lair run`.
"""

import os
import sys

from lair import _core
from lair._startup import with_options

# Short options of CPython 3.11 to 3.13.
_FLAGS = "bBdEiIOPqRsuvx"
_WITH_VALUE = "WJ"
# Names CPython itself knows after -X.
_CPYTHON_X = (
    "context_aware_warnings",
    "cpu_count",
    "dev",
    "faulthandler",
    "frozen_modules",
    "gil",
    "importtime",
    "int_max_str_digits",
    "no_debug_ranges",
    "perf",
    "perf_jit",
    "presite",
    "pycache_prefix",
    "tracemalloc",
    "utf8",
    "warn_default_encoding",
)


class UsageError(Exception):
    """A command line that cannot be run; the message names the fault."""


class Invocation:
    """What to run and how. `own` holds what the calling command asked for by extra_values."""

    __slots__ = ("interpreter_options", "own", "program", "settings")

    def __init__(self) -> None:
        self.settings: list[str] = []  # "name=value"
        self.interpreter_options: list[str] = []
        self.program: list[str] = []
        self.own: dict[str, str] = {}

    def command(self) -> list[str]:
        """The interpreter's command line."""
        return [sys.executable, *self.interpreter_options, *self.program]

    def environment(self) -> dict[str, str]:
        """The environment in which the command runs on Lair, as the first of its processes."""
        environment = {**os.environ, "LAIR_OPTIONS": with_options(self.settings)}
        environment.pop("LAIR_FIRST_PROCESS", None)
        return environment


def parse(arguments: list[str], extra_values: tuple[str, ...] = ()) -> Invocation:
    """Parses and judges a command line. extra_values: further "--name" options with a value.

    Raises UsageError; nothing has been run then.
    """
    invocation = Invocation()
    rest = list(arguments)
    while rest and rest[0].startswith("-") and rest[0] != "-":
        argument = rest.pop(0)
        if argument == "--":
            break
        if argument.startswith("--"):
            _long_option(invocation, argument, rest, extra_values)
        elif _short_options(invocation, argument, rest):
            break
    if not invocation.program:
        if not rest:
            raise UsageError("no program given: a script, -m module, -c code or - is needed")
        invocation.program = [_script(rest[0]), *rest[1:]]
    _judge_settings(invocation.settings)
    return invocation


def _long_option(
    invocation: Invocation, argument: str, rest: list[str], extra_values: tuple[str, ...]
) -> None:
    name, equals, value = argument.partition("=")
    switches = {
        "--report": "report=terminal",
        "--no-children": "children=off",
        "--strict": "strict=on",
    }
    if name == "--gc-log":
        invocation.settings.append(f"gclog={_writable(value, name) if equals else '-'}")
        return
    if name in switches:
        if equals:
            raise UsageError(f"{name} takes no value")
        invocation.settings.append(switches[name])
        return
    known = ("--set", "--report-file", "--report-signal", "--check-hash-based-pycs", *extra_values)
    if name not in known:
        raise UsageError(
            f"{name}: no such option; there are {', '.join([*switches, '--gc-log', *known])}"
        )
    if not equals:
        value = _value(name, rest)
    if name == "--set":
        invocation.settings.append(_pair(value))
    elif name == "--report-file":
        invocation.settings.append(f"reportfile={_writable(value, name)}")
    elif name == "--report-signal":
        invocation.settings.append(f"reportsignal={value}")
    elif name == "--check-hash-based-pycs":
        invocation.interpreter_options += [name, value]
    else:
        invocation.own[name] = value


def _short_options(invocation: Invocation, argument: str, rest: list[str]) -> bool:
    """Takes one argument such as "-Bu" or "-Xdev". Returns whether it began the program."""
    for position, letter in enumerate(argument[1:], start=1):
        attached = argument[position + 1 :]
        before = argument[:position] if position > 1 else None
        if letter in "cm":
            value = attached or _value("-" + letter, rest)
            if before:
                invocation.interpreter_options.append(before)
            invocation.program = ["-" + letter, value, *rest]
            return True
        if letter == "X" or letter in _WITH_VALUE:
            value = attached or _value("-" + letter, rest)
            if before:
                invocation.interpreter_options.append(before)
            if letter != "X":
                invocation.interpreter_options += ["-" + letter, value]
            elif _is_lairs(value):
                invocation.settings.append(_pair(value))
            else:
                invocation.interpreter_options += ["-X", value]
            return False
        if letter == "S":
            raise UsageError("-S: without the module site Lair's start-up hook is not read")
        if letter not in _FLAGS:
            raise UsageError(f"-{letter}: no such option of lair run or of python")
    invocation.interpreter_options.append(argument)
    return False


def _value(name: str, rest: list[str]) -> str:
    if not rest:
        raise UsageError(f"{name} needs a value")
    return rest.pop(0)


def _is_lairs(text: str) -> bool:
    name = text.partition("=")[0]
    ours = [row["name"] for row in _core.options_table()]
    if name in ours:
        return True
    if name in _CPYTHON_X:
        return False
    raise UsageError(f"-X {name}: neither an option of Lair ({', '.join(ours)}) nor one of CPython")


def _pair(text: str) -> str:
    if "," in text:
        raise UsageError(f"{text}: a value cannot contain a comma")
    return text


def _judge_settings(pairs: list[str]) -> None:
    # The program judges its options again when it starts; here the fault is found before it does.
    try:
        signal = _core.parse_options(",".join(pairs))["reportsignal"]
        if signal:
            from lair.reporting.arrange import signal_number

            signal_number(signal)
    except ValueError as fault:
        raise UsageError(str(fault)) from None


def _writable(path: str, option: str) -> str:
    if "," in path:
        raise UsageError(f"{option} {path}: the name cannot contain a comma")
    folder = os.path.dirname(os.path.abspath(path))
    if not os.path.isdir(folder):
        raise UsageError(f"{option} {path}: there is no folder {folder}")
    if os.path.isdir(path):
        raise UsageError(f"{option} {path}: this is a folder")
    if not os.access(path if os.path.exists(path) else folder, os.W_OK):
        raise UsageError(f"{option} {path}: no permission to write there")
    return os.path.abspath(path)


def _script(name: str) -> str:
    """The path of a script or, for a bare name that is no file here, of a console script."""
    if name == "-" or os.path.exists(name):
        return name
    if os.sep in name or name.endswith(".py"):
        raise UsageError(f"{name}: no such script")
    places = [os.path.dirname(sys.executable), *os.environ.get("PATH", "").split(os.pathsep)]
    for place in filter(None, places):
        path = os.path.join(place, name)
        if os.path.isfile(path) and os.access(path, os.X_OK):
            _require_python(name, path)
            return path
    raise UsageError(
        f"{name}: no script of this name here, and no console script beside "
        f"{sys.executable} or on PATH"
    )


def _require_python(name: str, path: str) -> None:
    with open(path, "rb") as script:
        head = script.read(512)
    lines = head.split(b"\n")
    # Installers write "#!/bin/sh", then "'''exec' /long/path/python ...", where the path is too
    # long for a first line.
    wrapped = len(lines) > 1 and lines[1].startswith(b"'''exec' ") and b"python" in lines[1]
    if not (lines[0].startswith(b"#!") and b"python" in lines[0]) and not wrapped:
        raise UsageError(f"{name}: {path} is not a Python script")
