"""The C part of lair: the heap under CPython, and what it knows about itself.

All sizes are bytes. Functions that read numbers work whether or not the heap is attached once it
has been; before the first attach they raise RuntimeError. All need the main interpreter.
"""

from typing import Any, Literal, TypedDict

class OptionRow(TypedDict):
    name: str  # "maxheapsize"
    kind: Literal["size", "count", "milliseconds", "switch", "choice", "text"]
    values: str  # what is valid, in words: "bytes, with K, M, G or % of the machine's memory"
    default: str
    hosts: list[str]  # "liblair", "cpython"
    meaning: str  # on CPython where it has one, else on liblair
    refusal: str  # why CPython cannot have it; "" where it can

class Ledger(TypedDict):
    committed: int
    live: int
    free_in_pools: int
    cached: int
    purged: int
    overhead: int
    footprint: int
    charged: int  # bytes of the RAW domain
    blocks: int

class Residency(TypedDict):
    resident: int
    live: int
    free_in_pools: int
    cached: int
    overhead: int

class CollectorStats(TypedDict):
    mode: Literal["stock", "auto", "manual"]
    collections: list[int]  # by generation
    freed: int  # objects, by all collections
    uncollectable: int
    asked: int  # collections that gc.collect() made
    stock: int  # collections left to the built-in collector
    walks: int  # full collections that had to walk the list of objects
    in_round: bool  # a full collection in slices is under way
    rounds: int  # ... are over
    slices: int  # of them, so far
    pause_ns: int  # all together
    longest_ns: int
    histogram: list[int]  # pauses shorter than 1 us, 2 us, 4 us ...; the last: all longer
    last_full: dict[str, int]  # survivors, garbage, its batches; objects reached, put to the trial
    side_bytes: int  # of memory for bits and tables now

class SizeClass(TypedDict):
    block_bytes: int  # 0: spans
    pool_bytes: int
    pools: int
    pools_full: int
    blocks: int
    capacity: int
    live_bytes: int
    fill: list[int]  # ten counts

def options_table() -> list[OptionRow]: ...
def parse_options(text: str) -> dict[str, Any]:
    """Parses "name=value,name=value" by the option table for the CPython host; sizes become ints,
    switches bools. Raises ValueError naming the fault and what is valid."""

def on_main_interpreter() -> bool:
    """Whether the caller runs in the main interpreter. Every interpreter may import this module
    and call this, refusal(), heap_attached(), system_memory() and the two functions for options."""

def refusal() -> str | None:
    """Why the heap cannot attach in this process (interpreter, build, PYTHONMALLOC=debug, -X dev,
    tracing, not the main interpreter...): one sentence, or None when it can."""

def attach_heap(options: str) -> None:
    """Puts the OBJ and MEM domains on Lair's heap and counts RAW. RuntimeError where refusal() has
    a reason or it is attached; ValueError for bad options or a limit below what is in use."""

def detach_heap() -> None:
    """Sends new blocks to the previous allocator; Lair's blocks stay valid."""

def heap_attached() -> bool: ...
def collector_refusal() -> str | None:
    """Why Lair's collector cannot attach in this process: one sentence, or None when it can."""

def attach_collector(mode: str) -> None:
    """Puts Lair's collector in the interpreter, or changes its mode: "auto", "manual", "stock".
    RuntimeError where collector_refusal() has a reason or a collection is under way; ValueError for
    an unknown mode."""

def detach_collector() -> None:
    """Gives the interpreter its own back. RuntimeError where it has it, or in a collection."""

def observe_collections() -> None:
    """Counts and logs what the built-in collector does."""

def total_references() -> tuple[int, int]: ...
def tune_collector(quantum: int, slice_ns: int, smallest: int) -> None: ...
def collector_stats() -> CollectorStats: ...
def log_collections(descriptor: int) -> None:
    """Writes a line for each collection to a file, which must stay open."""

def ledger() -> Ledger: ...
def peak() -> Ledger: ...
def residency() -> Residency: ...
def stats() -> dict[str, int | bool]:
    """Every number of lair_heap_stats but the ledger, plus raw_bytes, raw_blocks, foreign_frees
    (blocks from before the attach that were freed), limit_errors (MemoryErrors caused by the
    limit), soft_collections."""

def classes() -> list[SizeClass]: ...
def trim() -> int: ...
def get_limit() -> tuple[int, int]: ...  # hard, soft; 0: none
def set_limit(max_bytes: int, soft_bytes: int = 0) -> None: ...
def check() -> None:
    """lair_heap_check: raises RuntimeError naming the damage."""

def system_memory() -> int:
    """The machine's memory or the control group's limit, whichever is smaller."""

def inject_failure(nth: int, forever: bool = False) -> None:
    """Testing: the nth request to the attached heap from now fails."""

def inject_map_failure(nth: int, forever: bool = False) -> None:
    """Testing: the same of requests of Lair's to the system, those of the collector too."""
