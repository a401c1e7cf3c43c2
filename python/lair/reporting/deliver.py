"""Sends a report from the program to where it was asked for.

The numbers go as JSON through a pipe to a process of its own (`lair.reporting.render`), so that
what rendering needs is neither measured, nor held to the limit, nor left behind in the program.
os.posix_spawn needs no imports and works where fork would not (a large process, strict
overcommit).
"""

import os
import sys

from lair.reporting.collect import collect

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# What a rendering interpreter may inherit; the rest of PYTHON* (dev mode, tracing, warnings,
# inspect ...) is meant for the program.
_PYTHON_KEPT = ("PYTHONHOME", "PYTHONPATH", "PYTHONUSERBASE", "PYTHONUTF8", "PYTHONIOENCODING")

RENDERER_UNABLE = 3


def deliver(
    reason: str, path: str, first_pid: int, on_terminal: bool, limit: tuple[int, int]
) -> None:
    """Collects a report and writes it to path as JSON, and to standard error if on_terminal.

    path: "%p" becomes the process id; processes other than first_pid add ".PID".
    limit: the hard and the soft one of the program, which may have been lifted for the report.

    Never raises: a report that fails says so in one line and leaves the program's exit code alone.
    """
    try:
        values = collect(reason)
        values["limit"]["hard"], values["limit"]["soft"] = limit
        text = _as_json(values)
        if path:
            _write_file(_own_path(path, first_pid), text)
        if on_terminal:
            _flush_streams()
            if not _rendered_outside(text):
                _write_summary(text)
    except Exception as fault:
        os.write(2, f"lair: no report: {type(fault).__name__}: {fault}\n".encode())


def _as_json(values: "dict[str, Any]") -> str:
    import json

    return json.dumps(values)


def _own_path(path: str, first_pid: int) -> str:
    own = path.replace("%p", str(os.getpid()))
    if own == path and os.getpid() != first_pid:
        own = f"{path}.{os.getpid()}"
    return own


def _write_file(path: str, text: str) -> None:
    try:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text + "\n")
    except OSError as fault:
        os.write(2, f"lair: cannot write the report to {path}: {fault.strerror}\n".encode())


def _flush_streams() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:  # noqa: SIM105  contextlib would be an import
            stream.flush()
        except (AttributeError, OSError, ValueError):
            pass  # None, closed or broken: the program's affair


def _rendered_outside(text: str) -> bool:
    if not sys.executable:
        return False
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("LAIR_", "PYTHON")) or name in _PYTHON_KEPT
    }
    reader, writer = os.pipe()
    try:
        pid = os.posix_spawn(
            sys.executable,
            [sys.executable, "-P", "-m", "lair.reporting.render"],
            environment,
            file_actions=[
                (os.POSIX_SPAWN_DUP2, reader, 0),
                (os.POSIX_SPAWN_DUP2, 2, 1),
                (os.POSIX_SPAWN_CLOSE, writer),
            ],
        )
    except OSError:
        os.close(writer)
        return False
    finally:
        os.close(reader)
    try:
        with open(writer, "w", encoding="utf-8") as pipe:
            pipe.write(text)
    except OSError:
        pass  # the renderer ended early; its status tells
    try:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    except ChildProcessError:
        return True  # the program's SIGCHLD handler was faster


def _write_summary(text: str) -> None:
    import json

    from lair.reporting.model import Report

    os.write(2, f"{Report.from_dict(json.loads(text))}\n".encode(errors="replace"))
