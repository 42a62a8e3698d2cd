"""The tables at the end, and the same as JSON. Pure."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

from bench.comparison import Comparison, Part, Series

_HEADER = ("", "min", "median", "", "ratio", "goal", "")
_MET = {True: "met", False: "missed", None: ""}
_NAME_COLUMN = 0


def table(part: Part) -> str:
    """Draw a part: a line a series, the ratio and the goal beside ours."""
    rows: list[tuple[str, ...]] = [_HEADER]
    for comparison in part.comparisons:
        rows.extend(_rows(comparison))
    return f"{part.name} ({part.engine})\n" + "\n".join(columns(rows))


def columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Line up cells: the first column to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            cell.ljust(width) if index == _NAME_COLUMN else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  " + "  ".join(cells).rstrip()


def as_json(facts: Mapping[str, str], parts: Iterable[Part]) -> str:
    """Write all that was measured, each run too."""
    document = {"facts": dict(facts), "parts": [_part(part) for part in parts]}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def number(value: float) -> str:
    """Show three digits that count, and never an exponent."""
    if math.isnan(value):
        return "-"
    if value == int(value) and abs(value) < 1e6:  # noqa: PLR2004 - a count
        return str(int(value))
    decimals = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:.{min(decimals, 4)}f}"


def _rows(comparison: Comparison) -> Iterator[tuple[str, ...]]:
    ratio = "" if math.isnan(comparison.ratio) else f"{number(comparison.ratio)}x"
    goal = str(comparison.goal or "")
    unit = comparison.unit
    yield (*_cells(comparison.ours), unit, ratio, goal, _MET[comparison.met])
    for other in comparison.others:
        yield (*_cells(other, indent="  : "), unit, "", "", "")


def _cells(series: Series, indent: str = "") -> tuple[str, str, str]:
    return indent + series.name, number(series.least), number(series.median)


def _part(part: Part) -> dict[str, object]:
    found = [_comparison(comparison) for comparison in part.comparisons]
    return {"name": part.name, "engine": part.engine, "comparisons": found}


def _comparison(comparison: Comparison) -> dict[str, object]:
    goal = comparison.goal
    return {
        "unit": comparison.unit,
        "ours": _series(comparison.ours),
        "others": [_series(other) for other in comparison.others],
        "ratio": None if math.isnan(comparison.ratio) else comparison.ratio,
        "goal": None if goal is None else str(goal),
        "met": comparison.met,
    }


def _series(series: Series) -> dict[str, object]:
    return {
        "name": series.name,
        "values": list(series.values),
        "min": series.least,
        "median": series.median,
    }
