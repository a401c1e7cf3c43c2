"""Runs code in a child interpreter, because hooks stay for the life of a process."""

import os
import subprocess
import sys
import textwrap


def run(code, *, options=(), env=None, preexec_fn=None, timeout=300):
    """The finished child: `python [options] -c code`, with `_core` imported."""
    environment = {k: v for k, v in os.environ.items() if k not in ("LAIR_OPTIONS", "PYTHONMALLOC")}
    environment.update(env or {})
    return subprocess.run(
        [sys.executable, *options, "-c", "from lair import _core\n" + textwrap.dedent(code)],
        env=environment,
        preexec_fn=preexec_fn,
        capture_output=True,
        text=True,
        timeout=timeout,
    )


def succeed(code, **how):
    """As run, for a child that must end well and say nothing on standard error; its output."""
    child = run(code, **how)
    assert child.returncode == 0, f"exit {child.returncode}\n{child.stdout}\n{child.stderr}"
    assert child.stderr == ""
    return child.stdout
