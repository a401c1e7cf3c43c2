"""Runs a module with Lair's collector, which gets no memory from the system for itself.

    python starved.py MODE -m MODULE [ARGUMENT...]

Every collection of all objects then is CPython's own, whichever way Lair would have gone.
"""

import runpy
import sys

from lair import _core


def main(mode: str, flag: str, module: str, *arguments: str) -> None:
    if flag != "-m":
        sys.exit(f"starved.py: -m is expected, not {flag}")
    _core.attach_collector(mode)
    _core.inject_map_failure(1, forever=True)
    sys.argv[1:] = arguments
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
