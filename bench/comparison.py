"""What was measured beside what, and whether the goal is met. Pure."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Series:
    """The same thing measured a few times."""

    name: str
    values: tuple[float, ...]

    @property
    def least(self) -> float:
        """The smallest value: for a time, the run that was disturbed least."""
        return min(self.values)

    @property
    def median(self) -> float:
        """The value that a ratio is made of."""
        return statistics.median(self.values)


@dataclass(frozen=True)
class Goal:
    """A limit for a ratio, or for the own value where ``of_ratio`` is false."""

    limit: float
    at_least: bool = False
    of_ratio: bool = True

    def is_met(self, value: float) -> bool:
        """Tell whether *value* is on the right side; no number never is."""
        return value >= self.limit if self.at_least else value <= self.limit

    def __str__(self) -> str:
        sign = "≥" if self.at_least else "≤"
        return f"{sign} {self.limit:g}{'x' if self.of_ratio else ''}"


@dataclass(frozen=True)
class Comparison:
    """This project's series, and the series whose sum it is compared with."""

    ours: Series
    others: tuple[Series, ...]
    unit: str
    goal: Goal | None = None

    @property
    def ratio(self) -> float:
        """Ours by the sum of the others, by their medians; not a number where that is nothing."""
        whole = sum(other.median for other in self.others)
        return self.ours.median / whole if whole else math.nan

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; ``None`` where there is none."""
        if self.goal is None:
            return None
        return self.goal.is_met(self.ratio if self.goal.of_ratio else self.ours.median)


@dataclass(frozen=True)
class Part:
    """One part of a bench: what it measured, on which engine."""

    name: str
    engine: str
    comparisons: tuple[Comparison, ...]


def percentile(values: Sequence[float], percent: float) -> float:
    """Give the smallest of *values* that *percent* of them don't exceed (nearest rank)."""
    if not values:
        return math.nan
    rank = math.ceil(len(values) * percent / 100)
    return sorted(values)[max(rank, 1) - 1]
