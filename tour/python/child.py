"""Runs one stop in this process and prints what it found as one line of JSON.

    python -m lair.tour.child NAME [OPTIONS]

OPTIONS are heap options beside the stop's own. Started by run.py, one process for each stop, so
that no stop sees what another left behind.
"""

from __future__ import annotations

import importlib
import json
import sys
from dataclasses import asdict

import lair
from lair.tour.evidence import STOPS, Run

MODULES = (
    "stops_counts",
    "stops_collector",
    "stops_options",
    "stops_pool",
    "stops_process",
    "stops_sharing",
    "stops_weak",
    "stops_saving",
    "stops_patterns",
)


def load_stops() -> None:
    """Fills STOPS."""
    for module in MODULES:
        importlib.import_module(f"lair.tour.{module}")


def main(name: str, options: str = "") -> None:
    load_stops()
    chosen = STOPS[name]
    lair.attach(options=",".join(filter(None, (options, chosen.options))), strict=True)
    run = Run()
    chosen.body(run)
    print(json.dumps(asdict(run)))


if __name__ == "__main__":
    main(*sys.argv[1:])
