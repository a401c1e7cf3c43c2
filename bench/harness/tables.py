"""How ratios and figures look in a terminal."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from harness.record import Figure, Rows


def terminal() -> Console:
    """Where a benchmark speaks; wide enough for tables where it is no terminal."""
    return Console(width=None if sys.stdout.isatty() else 120, highlight=False)


def cell(ratio: float | None) -> str:
    """A ratio in a table; a dash where there is none."""
    return "-" if ratio is None else f"{ratio:.3f}"


@dataclass(frozen=True)
class Unit:
    """How a measure reads: so many of it make one of the measure's own."""

    name: str
    of_one: float = 1.0
    digits: int = 2

    def shown(self, value: float | None) -> str:
        return "-" if value is None else f"{value * self.of_one:.{self.digits}f}"


MILLISECONDS = Unit("ms", 1e3)


@dataclass(frozen=True)
class Beside:
    """A table of one measure of one group of rows: the medians of a first contender, and of every
    other one with a ratio."""

    title: str
    group: str
    label: str  # of the interpreter; "" for C programs
    measure: str
    unit: Unit
    first: str
    others: Sequence[str]
    first_by_other: bool  # the ratio: first by other, or other by first

    def show(
        self, console: Console, rows: Rows, means: Mapping[str, float | None] | None = None
    ) -> None:
        """Prints it; nothing when no program was run. means: other -> what stands below its
        ratios."""
        programs = rows.programs(self.group, self.label)
        if not programs:
            return
        table = Table(title=self.title, title_justify="left", box=None, pad_edge=False)
        table.add_column("program", no_wrap=True, min_width=max(map(len, programs)))
        for name in (self.first, *(part for other in self.others for part in (other, "ratio"))):
            table.add_column(name, justify="right")
        for program in programs:
            place = (self.group, self.label, program)
            cells = [self.unit.shown(rows.median(*place, self.first, self.measure))]
            for other in self.others:
                pair = (self.first, other) if self.first_by_other else (other, self.first)
                cells.append(self.unit.shown(rows.median(*place, other, self.measure)))
                cells.append(cell(rows.ratio(*place, *pair, self.measure)))
            table.add_row(program, *cells)
        if means is not None:
            below = [
                part for other in self.others for part in ("", f"[bold]{cell(means[other])}[/]")
            ]
            table.add_row("[bold]geomean[/]", "", *below)
        console.print()
        console.print(table)


def show_figures(console: Console, found: Sequence[Figure]) -> None:
    """Prints figures with their targets, and whether each was met."""
    table = Table(title="figures", title_justify="left", box=None, pad_edge=False)
    for name in ("figure", "value", "at most", "", "note"):
        table.add_column(name, justify="right" if name in ("value", "at most") else "left")
    for each in found:
        met = {True: "[green]met[/]", False: "[red]missed[/]", None: ""}[each.met]
        target = "" if each.target is None else f"{each.target:.2f}"
        table.add_row(each.key, cell(each.value), target, met, each.note)
    console.print()
    console.print(table)
    console.print()
