"""Attaches Lair before a program's first line.

`lair.pth` calls begin() when LAIR_OPTIONS is in the environment; the hook that `lair enable`
writes calls begin_from_x() when the interpreter was given -X options. Both run inside `import
site`: an exception here would be printed as a traceback of site's, so every fault ends either in
one line and a program on stock memory, or in one line and exit code 2.

Where Lair cannot attach, the first process of a run says so. Its children inherit LAIR_OPTIONS
without having been asked whether it suits them (a test may start `python -X dev`): they run on
stock memory and say nothing. So do further interpreters of a process, which run `import site`
too.
"""

import _signal  # type: ignore[import-not-found]  # signal itself imports enum
import _thread
import _tracemalloc
import atexit
import os
import sys

from lair import _core

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

_done = False


def begin() -> None:
    """Does what LAIR_OPTIONS asks for, once in a process."""
    global _done
    if _done:
        return
    _done = True
    text = os.environ["LAIR_OPTIONS"]
    try:
        options = _core.parse_options(text)
        signal = signal_number(options.get("reportsignal", ""))
    except ValueError as fault:
        _refuse(f"LAIR_OPTIONS: {fault}")
    if not options.get("attach"):
        return
    first = os.environ.setdefault("LAIR_FIRST_PROCESS", str(os.getpid()))
    if not options.get("children", True):
        del os.environ["LAIR_OPTIONS"], os.environ["LAIR_FIRST_PROCESS"]
    reason = _attach(text)
    if reason is None:
        _arrange_reports(options, signal, int(first))
    elif int(first) == os.getpid() and _in_main_interpreter():
        if options.get("strict"):
            _refuse(reason)
        _say(f"{reason}: running on stock memory management")


def begin_from_x() -> None:
    """Turns the interpreter's -X options that are Lair's into LAIR_OPTIONS, and begins."""
    names = {row["name"] for row in _core.options_table()}
    given = [
        name if value is True else f"{name}={value}"
        for name, value in sys._xoptions.items()
        if name in names
    ]
    if given:
        os.environ["LAIR_OPTIONS"] = with_options(given)
        begin()


def with_options(given: "list[str]") -> str:
    """LAIR_OPTIONS as it is, with Lair attached and the given options added; the later counts."""
    return ",".join(filter(None, [os.environ.get("LAIR_OPTIONS"), "attach=on", *given]))


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


def _attach(text: str) -> "str | None":
    """Why Lair could not attach; None when it did. A bad option ends the process."""
    # A tracemalloc that already traces holds hooks over the allocator to be replaced: it starts
    # again on top of Lair.
    frames = _tracemalloc.get_traceback_limit() if _tracemalloc.is_tracing() else 0
    if frames:
        _tracemalloc.stop()
    try:
        reason = _core.refusal()
        if reason is None:
            _core.attach_heap(text)
        return reason
    except ValueError as fault:
        _refuse(str(fault))
    except (MemoryError, RuntimeError) as fault:
        return str(fault) or "out of memory"
    finally:
        if frames:
            _tracemalloc.start(frames)


def _in_main_interpreter() -> bool:
    if hasattr(_thread, "_is_main_interpreter"):
        return bool(_thread._is_main_interpreter())
    import _xxsubinterpreters as interpreters  # type: ignore[import-not-found]  # CPython 3.11

    return bool(interpreters.get_current() == interpreters.get_main())


def _arrange_reports(options: "dict[str, Any]", signal: int, first: int) -> None:
    to_terminal = options.get("report", "off") != "off"
    # The program may change its directory before the file is written.
    path = os.path.abspath(options["reportfile"]) if options.get("reportfile") else ""
    at_exit = to_terminal or path != ""
    if not (at_exit or signal):
        return
    children = options.get("children", True)

    def deliver(reason: str) -> None:
        if children or os.getpid() == first:
            from lair.reporting.deliver import deliver

            deliver(reason, path, first, to_terminal or not path)

    if at_exit:
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


def _say(sentence: str) -> None:
    os.write(2, f"lair: {sentence}\n".encode(errors="backslashreplace"))


def _refuse(sentence: str) -> "NoReturn":
    _say(sentence)
    os._exit(2)
