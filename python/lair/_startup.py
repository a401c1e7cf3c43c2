"""Attaches Lair before a program's first line.

`lair.pth` calls begin() when LAIR_OPTIONS is in the environment; the hook that `lair enable`
writes calls begin_from_x() when the interpreter was given -X options. Both run inside `import
site`: an exception here would be printed as a traceback of site's, so every fault ends either in
one line and a program on stock memory, or in one line and exit code 2. Every program on Lair
starts here, so nothing is imported that its options do not ask for.

Where Lair cannot attach, the first process of a run says so. Its children inherit LAIR_OPTIONS
without having been asked whether it suits them (a test may start `python -X dev`): they run on
stock memory and say nothing. Further interpreters of a process run `import site` too, and are
left alone.
"""

import os
import sys

from lair import _core

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

_done = False


def begin() -> None:
    """Does what LAIR_OPTIONS asks for, once in a process."""
    global _done
    # In a virtual environment site reads every .pth file twice.
    if _done or not _core.on_main_interpreter():
        return
    _done = True
    text = os.environ["LAIR_OPTIONS"]
    try:
        options = _core.parse_options(text)
        reports = options["report"] != "off" or options["reportfile"] or options["reportsignal"]
        if reports:
            from lair.reporting import arrange

            arrange.signal_number(options["reportsignal"])
    except ValueError as fault:
        _refuse(f"LAIR_OPTIONS: {fault}")
    if options["gclog"]:
        _log_collections(options["gclog"], observe=not options["attach"])
    if options["showrefcount"]:
        _show_references_at_exit()
    if not options["attach"]:
        return
    first = int(os.environ.setdefault("LAIR_FIRST_PROCESS", str(os.getpid())))
    if not options["children"]:
        del os.environ["LAIR_OPTIONS"], os.environ["LAIR_FIRST_PROCESS"]
    reason = _attach(text)
    if reason is None:
        if reports:
            arrange.arrange(options, first)
    elif first == os.getpid():
        if options["strict"]:
            _refuse(reason)
        _say(f"{reason}: running on stock memory management")
    reason = _attach_collector(options["gctype"])
    if reason is not None and first == os.getpid():
        if options["strict"]:
            _refuse(reason)
        _say(f"{reason}: the built-in collector stays")


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


def _attach(text: str) -> "str | None":
    """Why Lair could not attach; None when it did. A bad option ends the process."""
    import _tracemalloc

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


def _attach_collector(mode: str) -> "str | None":
    """Why Lair's collector could not attach; None when it did, or is not asked for."""
    if mode == "stock":
        return None
    reason = _core.collector_refusal()
    try:
        if reason is None:
            _core.attach_collector(mode)
        return reason
    except (MemoryError, RuntimeError) as fault:
        return str(fault) or "out of memory"


def _log_collections(path: str, observe: bool) -> None:
    """Sends a line for each collection to path. observe: those of the built-in collector too,
    which takes a hook in it."""
    try:
        if path == "-":
            descriptor = os.dup(2)
        else:
            name = path.replace("%p", str(os.getpid()))
            descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
    except OSError as fault:
        _refuse(f"gclog={path}: {fault.strerror}")
    _core.log_collections(descriptor)
    if observe and _core.collector_refusal() is None:
        _core.observe_collections()


def _show_references_at_exit() -> None:
    """Prints what a debug build of CPython prints then."""
    import atexit

    def show() -> None:
        references, _ = _core.total_references()
        os.write(2, f"[{references} refs, {sys.getallocatedblocks()} blocks]\n".encode())

    try:
        _core.total_references()
    except RuntimeError as fault:
        _refuse(str(fault))
    atexit.register(show)


def _say(sentence: str) -> None:
    os.write(2, f"lair: {sentence}\n".encode(errors="backslashreplace"))


def _refuse(sentence: str) -> "NoReturn":
    _say(sentence)
    os._exit(2)
