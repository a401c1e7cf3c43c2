"""`lair run`: replaces itself by the interpreter, with LAIR_OPTIONS in the environment.

Nothing of Lair stands between the program and its parent: argv, __main__, standard streams,
signals, exit code and tracebacks are python's own.
"""

import os

import lair
from lair import _core
from lair.cli import fail
from lair.commands.invocation import Invocation, UsageError, parse

_USAGE = """\
usage: lair run [options] [interpreter options] PROGRAM [arguments]

Runs PROGRAM on Lair, in all else as python would: a script, -m module, -c code,
- (standard input), or the name of a console script.

  --set name=value      an option of Lair (`lair options` lists them)
  -X name=value         the same; CPython's own -X names go to CPython
  --report              a report on standard error when the program ends (a program
                        that ends itself by os._exit or a signal gives none)
  --report-file F       the report as JSON to F; %p in the name is the process id,
                        child processes add ".PID"
  --report-signal SIG   a report whenever SIG comes, such as USR1
  --gc-log[=F]          a line for each collection on standard error, or to F
  --no-children         child processes start without Lair
  --strict              exit code 2 instead of stock memory where Lair cannot attach"""


def main(arguments: list[str]) -> int:
    """Does not return when the program can be started."""
    if arguments[:1] in (["-h"], ["--help"]):
        print(_USAGE)
        return 0
    try:
        invocation = parse(arguments)
        require_hook(invocation)
    except UsageError as fault:
        return fail(f"run: {fault}")
    command = invocation.command()
    try:
        os.execve(command[0], command, invocation.environment())
    except OSError as fault:
        return fail(f"run: cannot start {command[0]}: {fault.strerror}")


def require_hook(invocation: Invocation) -> None:
    """Raises UsageError where the program's interpreter would not come past `lair.pth`."""
    import site

    package = os.path.dirname(os.path.dirname(os.path.abspath(lair.__file__)))
    places = {package, *site.getsitepackages()}
    user = site.getusersitepackages()
    isolated = any(
        "s" in option[1:] or "I" in option[1:]
        for option in invocation.interpreter_options
        if option.startswith("-") and option[1:2] not in ("W", "X", "-")
    )
    if site.ENABLE_USER_SITE and not isolated:
        places.add(user)
    elif package == user:
        raise UsageError(f"-s or -I: Lair is installed for this user only ({user})")
    if not any(os.path.exists(os.path.join(place, "lair.pth")) for place in places):
        raise UsageError(f"lair.pth is in none of {', '.join(sorted(places))}: install Lair again")
    # These make the heap refuse for this run only; the program says so when it starts.
    if not os.environ.keys() & {"PYTHONDEVMODE", "PYTHONMALLOC", "PYTHONTRACEMALLOC"}:
        reason = _core.refusal()
        if reason is not None:
            raise UsageError(reason)
