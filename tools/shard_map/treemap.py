"""Divide a rectangle into parts whose areas follow their weights, as near to squares as can be.

The algorithm is that of Bruls, Huizing and van Wijk, *Squarified Treemaps* (2000). Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise


@dataclass(frozen=True)
class Rect:
    """A rectangle in pixels; y grows downward."""

    x: float
    y: float
    width: float
    height: float

    @property
    def area(self) -> float:
        """Its area in square pixels."""
        return self.width * self.height

    @property
    def right(self) -> float:
        """Where it ends to the right."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Where it ends below."""
        return self.y + self.height

    def inset(self, by: float) -> Rect:
        """Give what is left when its edges are moved inward."""
        width, height = max(self.width - 2 * by, 0), max(self.height - 2 * by, 0)
        return Rect(self.x + by, self.y + by, width, height)

    def cut(self, share: float) -> tuple[Rect, Rect]:
        """Cut a share (0 to 1) off along the longer side: from the left, or from the top."""
        if self.width >= self.height:
            part = self.width * share
            return (
                Rect(self.x, self.y, part, self.height),
                Rect(self.x + part, self.y, self.width - part, self.height),
            )
        part = self.height * share
        return (
            Rect(self.x, self.y, self.width, part),
            Rect(self.x, self.y + part, self.width, self.height - part),
        )


def squarified(weights: Sequence[float], whole: Rect) -> list[Rect]:
    """Give a part of *whole* for each weight, in their order; all weights are above 0."""
    order = sorted(range(len(weights)), key=lambda i: -weights[i])
    parts = dict(zip(order, _rows([weights[i] for i in order], whole), strict=True))
    return [parts[i] for i in range(len(weights))]


def sliced(weights: Sequence[float], whole: Rect) -> Iterator[Rect]:
    """Cut *whole* into slices side by side along its longer side, one for each weight."""
    edges = [edge / sum(weights) for edge in accumulate(weights, initial=0.0)]
    for start, end in pairwise(edges):
        share = end - start
        if whole.width >= whole.height:
            x = whole.x + start * whole.width
            yield Rect(x, whole.y, share * whole.width, whole.height)
        else:
            y = whole.y + start * whole.height
            yield Rect(whole.x, y, whole.width, share * whole.height)


def _rows(weights: Sequence[float], rest: Rect) -> Iterator[Rect]:
    """Fill the shorter side again and again, each time with as many as get squarest by it."""
    start = 0
    while start < len(weights):
        left = weights[start:]
        scale = rest.area / sum(left)
        count = _squarest([weight * scale for weight in left], min(rest.width, rest.height))
        row, others = left[:count], left[count:]
        strip = rest
        if others:
            strip, rest = rest.cut(sum(row) / sum(left))
        yield from sliced(row, strip)
        start += count


def _squarest(areas: Sequence[float], side: float) -> int:
    """Tell how many of the *areas*, largest first, to put beside each other on a *side*."""
    best, row = float("inf"), 0.0
    for count, area in enumerate(areas):
        row += area
        worst = max(side**2 * areas[0] / row**2, row**2 / (side**2 * area))
        if worst > best:
            return count
        best = worst
    return len(areas)
