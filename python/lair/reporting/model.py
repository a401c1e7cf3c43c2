"""The report as typed values: what each number of `collect.py` means.

All sizes are bytes, all times seconds. A report read back from a file is untrusted: from_dict
takes exactly these fields with these types and says which one is wrong.
"""

import dataclasses
import json
import typing
from dataclasses import dataclass

from lair.reporting.collect import SCHEMA


@dataclass(frozen=True)
class Process:
    pid: int
    parent: int
    arguments: list[str]  # the interpreter's, itself first
    python: str  # "3.13.0"
    reason: str  # why the report was written: "exit", "signal", "call"


@dataclass(frozen=True)
class Split:
    """Resident memory: resident == live + free_in_pools + cached + overhead + native."""

    live: int  # blocks the program holds
    free_in_pools: int  # free blocks of pools in use
    cached: int  # free pages that still have memory behind them
    overhead: int  # Lair's own books, and tails of pools
    native: int  # what is not Lair's
    resident: int
    purged: int  # free pages given back: not resident, not part of the sum


@dataclass(frozen=True)
class Books:
    """The heap's ledger: committed == live + free_in_pools + cached + purged + overhead."""

    committed: int
    live: int
    free_in_pools: int
    cached: int
    purged: int
    overhead: int
    footprint: int  # what the limit counts: committed - purged + charged
    charged: int  # the interpreter's raw memory
    blocks: int


@dataclass(frozen=True)
class LimitUse:
    hard: int  # 0: no limit
    soft: int
    peak_footprint: int
    refused: int  # requests the heap refused
    memory_errors: int  # MemoryErrors the program got for it
    soft_collections: int  # collections because of the soft limit


@dataclass(frozen=True)
class Counts:
    blocks: int  # live
    raw_blocks: int  # live blocks of the interpreter's raw memory
    raw_bytes: int
    arenas: int  # of 2 MiB
    pools_acquired: int
    pools_released: int
    spans_acquired: int
    spans_moved: int  # grown by moving pages, not bytes
    purges: int
    purged_bytes: int
    foreign_frees: int  # blocks from before the attach, freed since


@dataclass(frozen=True)
class CollectorUse:
    mode: str  # "auto", "manual"; "stock": nothing was counted
    collections: list[int]  # by generation
    asked: int  # of these, by gc.collect()
    freed: int  # objects
    uncollectable: int
    pause_s: float  # all collections together
    longest_s: float
    histogram: list[int]  # pauses shorter than 1 us, 2 us, 4 us ...; the last: all longer
    side_bytes: int  # of memory for the collector's own books


@dataclass(frozen=True)
class Times:
    elapsed_s: float  # since the process started
    cpu_s: float
    purge_s: float


@dataclass(frozen=True)
class ClassUse:
    """One size class; block_bytes 0 gathers the spans, each of its own size."""

    block_bytes: int
    pool_bytes: int
    pools: int
    pools_full: int
    blocks: int
    capacity: int
    live_bytes: int
    fill: list[int]  # pools by fill: up to 10 % ... above 90 %

    @property
    def is_span(self) -> bool:
        return self.block_bytes == 0

    @property
    def fraction_live(self) -> float:
        """Live blocks as a share of those the pools could hold; spans are always full."""
        return self.blocks / self.capacity if self.capacity else 1.0

    @property
    def idle_bytes(self) -> int:
        """Bytes of free blocks in this class's pools."""
        return max(0, self.capacity - self.blocks) * self.block_bytes

    @property
    def fragmented(self) -> bool:
        """Whether half or more of at least 256 KiB of pools lies idle."""
        return self.pools * self.pool_bytes >= 256 << 10 and self.fraction_live <= 0.5


@dataclass(frozen=True)
class Report:
    """Where one process's memory is. `str()` gives a summary, `to_json` everything."""

    schema: int
    process: Process
    now: Split
    peak: Split
    ledger: Books
    peak_ledger: Books
    limit: LimitUse
    counts: Counts
    collector: CollectorUse
    time: Times
    classes: list[ClassUse]

    @classmethod
    def from_dict(cls, values: object) -> "Report":
        """Raises ValueError naming the first field that is missing, unknown or of a wrong type."""
        if not isinstance(values, dict) or "schema" not in values:
            raise ValueError("not a report of Lair: it has no field 'schema'")
        if values["schema"] != SCHEMA:
            raise ValueError(f"schema {values['schema']!r}: this version reads schema {SCHEMA}")
        try:
            return typing.cast("Report", _build(cls, values, ""))
        except ValueError as fault:
            raise ValueError(f"not a report of Lair: {fault}") from None

    def to_dict(self) -> dict[str, typing.Any]:
        return dataclasses.asdict(self)

    def to_json(self) -> str:
        return json.dumps(self.to_dict())

    def fill(self) -> list[int]:
        """Pools of all classes by fill, spans left out."""
        pools = [c.fill for c in self.classes if not c.is_span]
        return [sum(column) for column in zip(*pools, strict=True)] if pools else [0] * 10

    def __str__(self) -> str:
        from lair.reporting.plain import summary

        return summary(self)


def _build(kind: typing.Any, value: typing.Any, path: str) -> typing.Any:
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        if not isinstance(value, dict):
            raise ValueError(f"{path}: expected an object")
        hints = typing.get_type_hints(kind)
        odd = sorted(set(value) ^ set(hints), key=str)
        if odd:
            fault = "missing" if odd[0] in hints else "unknown"
            raise ValueError(f"{_join(path, odd[0])}: {fault} field")
        return kind(**{name: _build(hints[name], value[name], _join(path, name)) for name in hints})
    if typing.get_origin(kind) is list:
        if not isinstance(value, list):
            raise ValueError(f"{path}: expected a list")
        (item,) = typing.get_args(kind)
        built = [_build(item, v, f"{path}[{i}]") for i, v in enumerate(value)]
        if path.endswith(".fill") and len(built) != 10:
            raise ValueError(f"{path}: expected ten counts")
        return built
    valid = (int, float) if kind is float else kind
    if not isinstance(value, valid) or isinstance(value, bool):
        raise ValueError(f"{path}: expected {kind.__name__}, not {value!r}")
    return value


def _join(path: str, name: object) -> str:
    return f"{path}.{name}" if path else str(name)
