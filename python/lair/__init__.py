"""Lair under CPython: the interpreter's memory on Lair's heap, with a limit, a ledger, a report.

    import lair

    lair.attach(options="maxheapsize=256M")
    ...
    print(lair.report())

Sizes are bytes unless a name says otherwise. Every function needs the main interpreter. Numbers
can be read from the first attach on, also after a detach; before it they raise RuntimeError.
`lair run` and the environment variable LAIR_OPTIONS attach before the program's first line; see
`lair --help`.

This module is loaded into the program that is being measured, so it imports nothing but the
extension module; what is needed to write a report is imported when one is asked for.
"""

from lair import _core

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from lair._core import Ledger
    from lair.reporting.model import Report

__all__ = ["attach", "detach", "ledger", "limit", "report", "trim"]


def attach(
    heap: bool = True,
    *,
    collector: "str | None" = None,
    options: "str | Mapping[str, object]" = "",
    strict: bool = False,
) -> bool:
    """Puts Lair under this process and returns whether all that was asked for is there.

    heap: the memory of Python's objects (the OBJ and MEM domains) on Lair's heap. Blocks that
        exist already stay where they are and are freed by the allocator they came from.
    collector: how garbage is collected: "auto", "manual" (when gc.collect() is called, and only
        then), or "stock", by the built-in collector. None: as the option gctype says. Where Lair's
        collector is attached already, its mode changes: `attach(heap=False, collector="manual")`.
    options: "name=value,name=value" or a mapping, by the table that `lair options` prints.
    strict: where a part of Lair cannot attach (`PYTHONMALLOC=debug`, an unsupported interpreter
        ...), raise RuntimeError instead of giving a RuntimeWarning and running without that part.

    Raises ValueError for options that are not valid or a limit below what is in use, and
    RuntimeError when the heap is attached already, or a collection is under way.
    """
    text = options_text(options)
    settings = _core.parse_options(text)
    mode = settings["gctype"] if collector is None else collector
    _core.parse_options(f"gctype={mode}")
    if not heap and mode == "stock" and _core.collector_stats()["mode"] == "stock":
        raise ValueError("nothing to attach: heap is False, and the collector is stock")
    done = True
    if heap:
        reason = None if _core.heap_attached() else _core.refusal()
        if reason is None or strict:
            _core.attach_heap(text)
        else:
            done = _warn(f"{reason}: running on stock memory management")
    reason = _core.collector_refusal() if mode != "stock" else None
    if reason is None or strict:
        _core.attach_collector(mode)
    else:
        done = _warn(f"{reason}: the built-in collector stays")
    return done


def _warn(sentence: str) -> bool:
    import warnings

    warnings.warn(f"lair: {sentence}", RuntimeWarning, stacklevel=3)
    return False


def detach() -> None:
    """Gives the interpreter its own memory management back: new blocks go to the allocator that was
    there before, Lair's blocks stay valid, and garbage is collected by the built-in collector.

    RuntimeError where nothing is attached, or a collection is under way."""
    attached = _core.collector_stats()["mode"] != "stock"
    if attached:
        _core.detach_collector()
    if _core.heap_attached() or not attached:
        _core.detach_heap()


def report() -> "Report":
    """The report on this process now: where its memory is. `str()` of it is the text."""
    from lair.reporting import collect
    from lair.reporting.model import Report

    return Report.from_dict(collect.collect("call"))


def ledger() -> "Ledger":
    """The heap's books: committed == live + free_in_pools + cached + purged + overhead."""
    return _core.ledger()


def trim() -> int:
    """Gives every page back to the system that can go now. Returns the bytes that went."""
    return _core.trim()


def options_text(options: "str | Mapping[str, object]") -> str:
    """The options as one string "name=value,name=value"."""
    if isinstance(options, str):
        return options
    pairs = []
    for name, value in options.items():
        text = ("off", "on")[value] if isinstance(value, bool) else str(value)
        if "," in text:
            raise ValueError(f"{name}={text}: a value cannot contain a comma")
        pairs.append(f"{name}={text}")
    return ",".join(pairs)


class Limit:
    """The limit on the heap's footprint (`lair.ledger()["footprint"]`), which counts the heap and
    the interpreter's raw memory.

    Sizes are given as bytes, as "256M" (K, M, G), or as "25%" of the machine's or the control
    group's memory; None is no limit. Past the hard limit the program gets MemoryError. Past the
    soft one, garbage is collected and memory trimmed at the next safe point.
    """

    __slots__ = ()

    @property
    def hard(self) -> "int | None":
        """The hard limit in bytes, or None. Setting it also sets the soft limit to 90 % of it;
        a size below what is in use is a ValueError and changes nothing."""
        return _core.get_limit()[0] or None

    @hard.setter
    def hard(self, size: "int | str | None") -> None:
        _core.set_limit(_bytes(size))

    @property
    def soft(self) -> "int | None":
        """The soft limit in bytes, or None. Setting it leaves the hard one; None: 90 % of it."""
        return _core.get_limit()[1] or None

    @soft.setter
    def soft(self, size: "int | str | None") -> None:
        _core.set_limit(_core.get_limit()[0], _bytes(size))


def _bytes(size: "int | str | None") -> int:
    if size is None:
        return 0
    if isinstance(size, bool) or not isinstance(size, (int, str)):
        raise TypeError(f"a size is an int, a str such as '256M', or None, not {size!r}")
    if isinstance(size, str):
        return int(_core.parse_options(f"maxheapsize={size}")["maxheapsize"])
    if size <= 0:
        raise ValueError(f"a limit is above zero, not {size} (None: no limit)")
    return size


limit = Limit()
