"""Object-oriented: a spreadsheet of cells, formulas and observers that recalculates itself."""

import random
import sys
from collections import deque


class Change:
    """What is told to an observer: which cell, from what, to what."""

    def __init__(self, cell: "Cell", before: int, after: int) -> None:
        self.cell = cell
        self.before = before
        self.after = after


class Formula:
    """Computes a cell from others."""

    def __init__(self, *inputs: "Cell") -> None:
        self.inputs = inputs

    def evaluate(self) -> int:
        raise NotImplementedError


class Sum(Formula):
    def evaluate(self) -> int:
        return sum([cell.value for cell in self.inputs]) & 0xFFFFF


class Product(Formula):
    def evaluate(self) -> int:
        result = 1
        for cell in self.inputs:
            result = result * (cell.value | 1) & 0xFFFFF
        return result


class Largest(Formula):
    def evaluate(self) -> int:
        return max([cell.value for cell in self.inputs])


class Cell:
    """A number, given or computed, and the cells that depend on it."""

    def __init__(self, name: str, value: int = 0) -> None:
        self.name = name
        self.value = value
        self.formula: Formula | None = None
        self.dependants: list[Cell] = []

    def define(self, formula: Formula) -> None:
        if self.formula is not None:
            for cell in self.formula.inputs:
                cell.dependants.remove(self)
        self.formula = formula
        for cell in formula.inputs:
            cell.dependants.append(self)


class Sheet:
    """Cells in rows; a formula reads earlier rows only, so there are no loops."""

    kinds = (Sum, Product, Largest)

    def __init__(self, rows: int, columns: int, rng: random.Random) -> None:
        self.rng = rng
        self.rows = [[Cell(f"{r}:{c}", r + c) for c in range(columns)] for r in range(rows)]
        self.log: deque[Change] = deque(maxlen=100_000)
        for row in range(1, rows):
            for cell in self.rows[row]:
                self.redefine(row, cell)

    def redefine(self, row: int, cell: Cell) -> None:
        inputs = {self.rng.choice(self.rows[row - 1]) for _ in range(3)}
        kind = self.kinds[self.rng.getrandbits(8) % 3]
        cell.define(kind(*sorted(inputs, key=lambda each: each.name)))

    def assign(self, cell: Cell, value: int) -> None:
        """Sets a cell and tells everything that depends on it, nearest first."""
        waiting = deque([Change(cell, cell.value, value)])
        while waiting:
            change = waiting.popleft()
            if change.before == change.after:
                continue
            change.cell.value = change.after
            self.log.append(change)
            for dependant in change.cell.dependants:
                if dependant.formula is not None:
                    after = dependant.formula.evaluate()
                    waiting.append(Change(dependant, dependant.value, after))


def main(size: int) -> int:
    """Assigns 6 * size cells of a sheet of 8 by 600; every fourth time a formula changes."""
    rng = random.Random(5)
    sheet = Sheet(8, 600, rng)
    for turn in range(size * 6):
        sheet.assign(rng.choice(sheet.rows[0]), rng.getrandbits(16))
        if turn % 4 == 0:
            row = 1 + turn // 4 % 7
            sheet.redefine(row, rng.choice(sheet.rows[row]))
    return sum(cell.value for row in sheet.rows for cell in row) + len(sheet.log)


if __name__ == "__main__":
    print(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100))
