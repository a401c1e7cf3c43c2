"""`lair enable` and `lair disable`: a start-up hook for plain `python -X ...`.

The hook is one file in this environment's site-packages, written and removed by these two
commands only. It is a line that does nothing unless the interpreter was given an -X option, and
nothing, silently, when Lair has been uninstalled.
"""

import argparse
import sysconfig
from pathlib import Path

from lair.cli import fail

# Sorted before lair.pth, so that -X options are in LAIR_OPTIONS when that hook reads it.
_NAME = "lair-enabled.pth"
_LINE = (
    "import sys; sys._xoptions and exec("
    '"try:\\n from lair._startup import begin_from_x\\n'
    'except ImportError:\\n pass\\nelse:\\n begin_from_x()")\n'
)


def enable(arguments: list[str]) -> int:
    """Writes the hook. Exit code 1 where that is not possible."""
    hook = _hook("enable", "Let plain `python -X name=value app.py` use Lair's options.", arguments)
    try:
        hook.write_text(_LINE, encoding="ascii")
    except OSError as fault:
        return fail(f"enable: cannot write {hook}: {fault.strerror}", 1)
    print(f"enabled: python -X maxheapsize=256M app.py now runs on Lair ({hook})")
    return 0


def disable(arguments: list[str]) -> int:
    """Removes the hook. Exit code 1 where that is not possible or it was not there."""
    hook = _hook("disable", "Undo `lair enable`.", arguments)
    try:
        hook.unlink()
    except FileNotFoundError:
        return fail(f"disable: not enabled: there is no {hook}", 1)
    except OSError as fault:
        return fail(f"disable: cannot remove {hook}: {fault.strerror}", 1)
    print(f"disabled: {hook} is gone")
    return 0


def _hook(verb: str, description: str, arguments: list[str]) -> Path:
    argparse.ArgumentParser(prog=f"lair {verb}", description=description).parse_args(arguments)
    return Path(sysconfig.get_paths()["platlib"]) / _NAME
