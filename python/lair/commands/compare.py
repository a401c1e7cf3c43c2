"""`lair compare`: a program stock and on Lair, in turns.

Turns (stock, Lair, stock, Lair ...) let a machine that slows down or speeds up meanwhile do so to
both. The peak of memory is the kernel's high-water mark of the process, from wait4. The kernel
starts that mark at the size of the process that starts the program, so nothing large is imported
here before the last run.

The collector's pauses come from its log, in one more run of each kind: stock Python writes it
through a hook of Lair's, which no other run should have to carry.
"""

import os
import sys
import time

from lair.cli import fail
from lair.commands.invocation import Invocation, UsageError, parse
from lair.commands.run import require_hook

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO

_USAGE = """\
usage: lair compare [--runs N] [--json F] [--exit-code N] [options] [interpreter options] PROGRAM

Runs PROGRAM under stock Python and on Lair, in turns, and compares time, CPU time and peak
memory; then each once more, for the pauses of the collector. PROGRAM and the other options are
those of `lair run`. What it prints is discarded.

  --runs N        runs of each kind, default 5
  --json F        every run and the machine, as JSON, to F
  --exit-code N   the exit code that means success, default 0"""

_OWN = ("--runs", "--json", "--exit-code")
Run = dict[str, float]  # a measure, or "exit_code", and its value
KINDS = ("stock", "lair")
PAUSES = (("pause_s", "collector's pauses"), ("longest_pause_s", "longest pause"))
MEASURES = (("wall_s", "time"), ("cpu_s", "CPU time"), ("peak_bytes", "peak memory"))


def main(arguments: list[str]) -> int:
    """Exit code 0 when both kinds ran; 1 when the program failed or its exit codes differ."""
    if arguments[:1] in (["-h"], ["--help"]):
        print(_USAGE)
        return 0
    try:
        invocation = parse(arguments, _OWN)
        require_hook(invocation)
        runs = _number(invocation, "--runs", 5, 1)
        expected = _number(invocation, "--exit-code", 0, 0)
        if invocation.program[0] == "-":
            raise UsageError("-: every run needs the program anew; give a file")
        for pair in invocation.settings:
            if pair.startswith(("report", "gclog")):
                raise UsageError(f"{pair.partition('=')[0]}: what it writes would be measured too")
    except UsageError as fault:
        return fail(f"compare: {fault}")
    # Where Lair cannot attach, a comparison of stock with stock would be printed.
    invocation.settings.append("strict=on")
    results: dict[str, list[Run]] = {kind: [] for kind in KINDS}
    with open(os.memfd_create("stderr"), "w+b") as errors:
        for turn in range(runs):
            for kind in KINDS:
                _say_progress(turn, runs, kind)
                result = _run(invocation, kind, errors.fileno())
                if result["exit_code"] != expected:
                    _say_progress()
                    return _failed(kind, int(result["exit_code"]), expected, errors)
                results[kind].append(result)
    pauses = {}
    for kind in KINDS:
        _say_progress(runs, runs + 1, kind)
        pauses[kind] = _pauses(invocation, kind)
    _say_progress()
    if "--json" in invocation.own:
        try:
            _write_json(invocation, results, pauses)
        except OSError as fault:
            return fail(f"compare: cannot write {fault.filename}: {fault.strerror}", 1)
    _show(invocation, results, pauses)
    return 0


def _number(invocation: Invocation, name: str, default: int, least: int) -> int:
    text = invocation.own.get(name, str(default))
    if not text.isdecimal() or int(text) < least:
        raise UsageError(f"{name} {text}: expected a number from {least}")
    return int(text)


def _run(invocation: Invocation, kind: str, errors: int, *, log: str = "") -> Run:
    environment = invocation.environment()
    if kind == "stock":
        del environment["LAIR_OPTIONS"]
    if log:
        options = environment.get("LAIR_OPTIONS", "attach=off")
        environment["LAIR_OPTIONS"] = f"{options},gclog={log}"
    os.ftruncate(errors, 0)
    os.lseek(errors, 0, os.SEEK_SET)
    command = invocation.command()
    start = time.perf_counter()
    pid = os.posix_spawn(
        command[0],
        command,
        environment,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
            (os.POSIX_SPAWN_DUP2, errors, 2),
        ],
    )
    _, status, usage = os.wait4(pid, 0)
    return {
        "wall_s": time.perf_counter() - start,
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "peak_bytes": usage.ru_maxrss * 1024,
        "exit_code": os.waitstatus_to_exitcode(status),
    }


def _pauses(invocation: Invocation, kind: str) -> Run:
    """The collector's pauses in a run of their own."""
    with (
        open(os.memfd_create("stderr"), "w+b") as errors,
        open(os.memfd_create("gclog"), "w+b") as log,
    ):
        # The run's processes open it by this name, whatever descriptors they close.
        _run(invocation, kind, errors.fileno(), log=f"/proc/{os.getpid()}/fd/{log.fileno()}")
        fields = [line.split(b", ", 3) for line in log.read().splitlines()]
    pauses = [float(parts[2].removesuffix(b" ms")) / 1e3 for parts in fields if len(parts) == 4]
    return {"pause_s": sum(pauses), "longest_pause_s": max(pauses, default=0.0)}


def _say_progress(turn: int = 0, runs: int = 0, kind: str = "") -> None:
    if sys.stderr.isatty():
        text = f"run {turn + 1} of {runs}: {kind}" if runs else ""
        print(f"\r{text:<40}\r", end="", file=sys.stderr, flush=True)


def _failed(kind: str, code: int, expected: int, errors: "BinaryIO") -> int:
    errors.seek(0)
    last = errors.read().decode(errors="replace").splitlines()[-20:]
    how = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
    print("\n".join(last or ["(nothing on standard error)"]), file=sys.stderr)
    where = "under stock Python" if kind == "stock" else "on Lair (stock Python did not)"
    return fail(f"compare: the program {how}, not {expected}, {where}", 1)


def medians(results: dict[str, list[Run]]) -> dict[str, dict[str, float]]:
    """For each measure the median of each kind and the ratio of the medians, Lair to stock."""
    from statistics import median

    table = {}
    for measure, _ in MEASURES:
        stock, ours = (median(run[measure] for run in results[kind]) for kind in KINDS)
        table[measure] = {"stock": stock, "lair": ours, "ratio": ours / stock if stock else 1.0}
    return table


def with_pauses(
    results: dict[str, list[Run]], pauses: dict[str, Run]
) -> dict[str, dict[str, float]]:
    """The table of medians, and below it the pauses."""
    table = medians(results)
    for measure, _ in PAUSES:
        stock, ours = (pauses[kind][measure] for kind in KINDS)
        table[measure] = {"stock": stock, "lair": ours, "ratio": ours / stock if stock else 1.0}
    return table


def _write_json(
    invocation: Invocation, results: dict[str, list[Run]], pauses: dict[str, Run]
) -> None:
    import json
    import platform
    from importlib.metadata import version

    record = {
        "schema": 1,
        "command": invocation.command(),
        "options": invocation.settings,
        "machine": {"system": platform.platform(), "cpus": os.cpu_count()},
        "versions": {"python": platform.python_version(), "lair": version("lair")},
        "runs": results,
        "pauses": pauses,
        "summary": with_pauses(results, pauses),
    }
    with open(invocation.own["--json"], "w", encoding="utf-8") as file:
        json.dump(record, file, indent=1)


def _show(invocation: Invocation, results: dict[str, list[Run]], pauses: dict[str, Run]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from lair.reporting.units import seconds, size

    runs = len(results["stock"])
    program = " ".join([os.path.basename(invocation.program[0]), *invocation.program[1:]])
    table = Table(
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
    )
    table.add_column(f"median of {runs}")
    for heading in ("stock", "Lair", "Lair / stock"):
        table.add_column(heading, justify="right")
    summary = with_pauses(results, pauses)
    for measure, name in (*MEASURES, *PAUSES):
        row, unit = summary[measure], size if measure == "peak_bytes" else seconds
        style = "green" if row["ratio"] < 0.995 else "yellow" if row["ratio"] > 1.005 else ""
        table.add_row(
            name, unit(row["stock"]), unit(row["lair"]), Text(f"{row['ratio']:.3f}", style=style)
        )
    console = Console(highlight=False)
    console.print(Text(program, style="bold", overflow="ellipsis", no_wrap=True))
    console.print(table)
    code = int(results["stock"][0]["exit_code"])
    console.print(f"Exit code {code}, every time. A ratio below 1 is better on Lair.")
