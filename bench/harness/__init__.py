"""What all of Lair's benchmarks share: running in turns, facts of the machine, statistics, records.

A benchmark is one program per question (bench/heap.py); it decides what is run and what the
figures mean. This package knows nothing about any question.
"""

from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
BENCH = CHECKOUT / "bench"
BUILD = CHECKOUT / "build" / "bench"  # what benchmarks make: programs, input, records
