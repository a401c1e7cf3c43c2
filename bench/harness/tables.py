"""How ratios and figures look in a terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from harness.record import Figure


def cell(ratio: float | None) -> str:
    """A ratio in a table; a dash where there is none."""
    return "-" if ratio is None else f"{ratio:.3f}"


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
