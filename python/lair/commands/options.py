"""`lair options`: the option table."""

import argparse


def main(arguments: list[str]) -> int:
    """Prints every option with what is valid, the default and what it does under CPython."""
    parser = argparse.ArgumentParser(
        prog="lair options", description="List the options of --set, -X and LAIR_OPTIONS."
    )
    parser.parse_args(arguments)

    from rich import box
    from rich.console import Console
    from rich.table import Table

    from lair import _core

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("option", "values", "default", "meaning"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "option")
    for row in _core.options_table():
        meaning = row["meaning"]
        if row["refusal"]:
            meaning = f"[dim]{meaning}; refused under CPython: {row['refusal']}[/]"
        table.add_row(f"[bold]{row['name']}[/]", row["values"], row["default"], meaning)
    Console().print(table)
    return 0
