"""Sums of sizes, and how they are written. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

_STEP = 1024
_UNITS = ("bytes", "kB", "MB", "GB", "TB")
_KEPT = 10  # times a unit before it is changed for the next, as in pg_size_pretty


@dataclass(frozen=True)
class Size:
    """A sum of sizes; without the unknown ones it is a lower bound, and not ``exact``."""

    bytes: int
    exact: bool = True

    @classmethod
    def of(cls, sizes: Iterable[int | None]) -> Size:
        """Add them up; ``None`` is unknown."""
        sizes = list(sizes)
        return cls(sum(size or 0 for size in sizes), None not in sizes)

    def __str__(self) -> str:
        if self.exact:
            return pretty(self.bytes)
        return f"over {pretty(self.bytes)}" if self.bytes else "unknown"


def pretty(size: float) -> str:
    """Write bytes as ``pg_size_pretty`` does: at most four digits, and a unit."""
    unit = 0
    while size >= _KEPT * _STEP and unit < len(_UNITS) - 1:
        size /= _STEP
        unit += 1
    return f"{round(size)} {_UNITS[unit]}"
