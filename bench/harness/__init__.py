"""What all of Lair's benchmarks share: running in turns, facts of the machine, statistics, records.

A benchmark is one program per question (bench/heap.py); it decides what is run and what the
figures mean. This package knows nothing about any question.
"""
