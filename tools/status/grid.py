"""Tables of the terminal, without lines between their cells."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text

_PIPED_WIDTH = 160  # columns where no terminal says how many it has


def console() -> Console:
    """Give standard output; where it is piped, plain text in wide lines."""
    return Console(width=None if sys.stdout.isatty() else _PIPED_WIDTH, highlight=False)


def grid(*headings: str) -> Table:
    """Give a table with these columns; one that begins with ``>`` is set to the right."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for heading in headings:
        right = heading.startswith(">")
        table.add_column(
            Text(heading.removeprefix(">")),
            justify="right" if right else "left",
            no_wrap=right,
            overflow="fold",
        )
    return table


@dataclass(frozen=True)
class Row:
    """Cells as they are to be read; rows come by their rank, then the largest first."""

    bytes: int
    cells: Sequence[str]
    rank: int = 0


def fill(table: Table, rows: Sequence[Row], at_most: int | None) -> Table:
    """Add the first rows, *at_most* so many, and say how many more there are."""
    ordered = sorted(rows, key=lambda row: (row.rank, -row.bytes))
    shown = ordered if at_most is None else ordered[:at_most]
    for row in shown:
        table.add_row(*(Text(cell) for cell in row.cells))
    if len(shown) < len(ordered):
        more = f"and {len(ordered) - len(shown)} more: ARGS=--all"
        table.add_row(Text(more, "dim"))
    return table
