"""Says whether Lair's heap is under this process; the benchmark asks before it measures."""

from lair import _core

print("attached" if _core.heap_attached() else "stock")
