"""The command `lair`: finds the verb and hands over. Read this first.

Each verb is a function of its arguments that returns an exit code. Its module is imported when
the verb is asked for: `lair run` must reach the program in a few milliseconds.
"""

import sys

_VERBS = {
    "run": ("lair.commands.run:main", "run a Python program on Lair"),
    "compare": ("lair.commands.compare:main", "run a program stock and on Lair, in turns"),
    "report": ("lair.commands.report:main", "show a report saved by --report-file"),
    "options": ("lair.commands.options:main", "list the options"),
    "enable": (
        "lair.commands.enable:enable",
        "let plain `python -X maxheapsize=256M app.py` use Lair",
    ),
    "disable": ("lair.commands.enable:disable", "undo enable"),
    "tour": ("lair.tour:main", "walk through Python's memory management, live"),
}


def main(arguments: list[str] | None = None) -> int:
    """Runs one command line. Returns the exit code: 2 for a bad command line."""
    arguments = sys.argv[1:] if arguments is None else arguments
    verb = arguments[0] if arguments else "--help"
    if verb in ("-h", "--help"):
        print(_usage())
        return 0 if arguments else 2
    if verb in ("-V", "--version"):
        from importlib.metadata import version

        print(f"lair {version('lair')} (CPython {sys.version.split()[0]})")
        return 0
    if verb not in _VERBS:
        return fail(f"{verb}: no such command; there are {', '.join(_VERBS)}")
    module, _, function = _VERBS[verb][0].partition(":")
    command = getattr(__import__(module, fromlist=[function]), function)
    return int(command(arguments[1:]))


def fail(sentence: str, code: int = 2) -> int:
    """Prints one line on standard error and returns code."""
    print(f"lair: {sentence}", file=sys.stderr)
    return code


def _usage() -> str:
    lines = ["usage: lair COMMAND ...", "", "Python's memory, rebuilt: under stock CPython.", ""]
    lines += [f"  {verb:<10}{summary}" for verb, (_, summary) in _VERBS.items()]
    lines += ["", "  lair COMMAND --help tells more; lair --version the version."]
    return "\n".join(lines)
