"""One benchmark of pyperformance, as it is, by its own clock.

    python suite.py NAME LOOPS VALUES [ARGUMENT...]

Runs the benchmark in this process: one value to warm up, then VALUES of LOOPS each; ARGUMENTs are
the benchmark's own. Prints JSON: the median of its values in seconds.
"""

import contextlib
import importlib.util
import json
import runpy
import sys
import tempfile
from pathlib import Path
from statistics import median

import pyperf


def main(name: str, loops: int, values: int, arguments: list[str]) -> dict[str, object]:
    package = importlib.util.find_spec("pyperformance")
    if package is None or package.origin is None:
        raise SystemExit("pyperformance is not installed")
    folder = Path(package.origin).parent / "data-files" / "benchmarks" / f"bm_{name}"
    file = str(folder / "run_benchmark.py")
    with tempfile.TemporaryDirectory() as place:
        result = f"{place}/result.json"
        # What pyperf gives the processes in which it measures; here it is this one.
        options = ["--worker", "--quiet", f"--loops={loops}", f"--values={values}", "--warmups=1"]
        sys.argv = [file, *options, f"--output={result}", *arguments]
        with contextlib.redirect_stdout(sys.stderr):
            runpy.run_path(file, run_name="__main__")
        found = pyperf.Benchmark.load(result).get_values()
    return {"checksum": name, "measures": {"seconds": median(found), "values": len(found)}}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])))
