"""Says which collector this process has; the benchmark asks before it measures."""

from lair import _core

print(_core.collector_stats()["mode"])
