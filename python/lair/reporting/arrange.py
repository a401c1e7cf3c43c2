"""Arranges the reports that LAIR_OPTIONS asks for: when the program ends, and on a signal.

Runs at the start of the program, before its first line; what a report itself needs is imported
when one is due.
"""

import _signal  # type: ignore[import-not-found]  # signal itself imports enum
import atexit
import os
import sys

from lair import _core

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def signal_number(name: str) -> int:
    """The number of "USR1" or "SIGUSR1"; 0 for no name. ValueError when there is none such."""
    if not name:
        return 0
    full = name.upper() if name.upper().startswith("SIG") else "SIG" + name.upper()
    number = getattr(_signal, full, None)
    if not isinstance(number, int) or full.startswith("SIG_"):
        raise ValueError(f"reportsignal={name}: no such signal")
    if number in (_signal.SIGKILL, _signal.SIGSTOP):
        raise ValueError(f"reportsignal={name}: this signal cannot be handled")
    return int(number)


def arrange(options: "dict[str, Any]", first: int) -> None:
    """Sees to it that the reports in options, as parsed, are delivered.

    first: the id of the first process of the run, which is the only one to report when its
        children are not on Lair.
    """
    to_terminal = options["report"] != "off"
    # The program may change its directory before the file is written.
    path = os.path.abspath(options["reportfile"]) if options["reportfile"] else ""
    children = options["children"]
    signal = signal_number(options["reportsignal"])

    def deliver(reason: str) -> None:
        if not children and os.getpid() != first:
            return
        limit = _core.get_limit()
        if reason == "exit" and _core.heap_attached():
            _core.set_limit(0)  # the program is over, and the report needs memory too
        from lair.reporting.deliver import deliver

        deliver(reason, path, first, to_terminal or not path, limit)

    if to_terminal or path:
        _at_end(deliver)
    if signal:
        _signal.signal(signal, lambda number, frame: deliver("signal"))


def _at_end(deliver: "Callable[[str], None]") -> None:
    # A process has one end, but a child of multiprocessing can come by two roads: finalizers,
    # and on newer versions atexit too.
    reported: set[int] = set()

    def end() -> None:
        if os.getpid() not in reported:
            reported.add(os.getpid())
            deliver("exit")

    def after_fork() -> None:
        # Children of multiprocessing leave through os._exit, past atexit, but run its
        # finalizers; it forgets those registered before its own after-fork step.
        util = sys.modules.get("multiprocessing.util")
        if util is not None:
            util.register_after_fork(
                end, lambda _: util.Finalize(None, end, exitpriority=-1_000_000)
            )

    atexit.register(end)
    os.register_at_fork(after_in_child=after_fork)
