"""Planned moves as lines below the columns, one for each pair of nodes, none upon another. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tools.live_cluster.sizes import Size
from tools.shard_map.drawing import Arc, Cell, Column

_LANE = 28.0  # from one line to the next below it
_FIRST = 22.0  # from the lowest column to the first
_APART = 8.0  # between two lines of one lane
_FOR_A_LABEL = 120.0  # a line between neighbours may be shorter than its label


def arcs(columns: Sequence[Column], floor: float) -> Iterator[Arc]:
    """Give a line for each pair of nodes that a plan moves shards between."""
    moving: dict[tuple[int, int], list[Cell]] = {}
    for column in columns:
        for cell in column.cells:
            if cell.target is not None:
                moving.setdefault((column.node.groupid, cell.target.groupid), []).append(cell)
    at = {column.node.groupid: index for index, column in enumerate(columns)}
    pairs = sorted(moving, key=lambda pair: (abs(at[pair[0]] - at[pair[1]]), pair))
    ends = _Ends(columns, pairs)
    lanes = _Lanes()
    for source, target in pairs:
        start, end = ends.of(source, (source, target)), ends.of(target, (source, target))
        boxes = [box for cell in moving[source, target] for box in cell.boxes]
        yield Arc(
            start,
            end,
            floor + _FIRST + _LANE * lanes.free(start, end),
            columns[at[source]],
            columns[at[target]],
            len(boxes),
            Size.of(box.placement.bytes for box in boxes),
        )


class _Ends:
    """The places below a column at which lines start and end, each its own."""

    def __init__(self, columns: Sequence[Column], pairs: Sequence[tuple[int, int]]) -> None:
        self._rects = {column.node.groupid: column.rect for column in columns}
        self._at = {groupid: index for index, groupid in enumerate(self._rects)}
        self._pairs = {
            groupid: sorted(
                (pair for pair in pairs if groupid in pair), key=lambda p: self._order(groupid, p)
            )
            for groupid in self._rects
        }

    def of(self, groupid: int, pair: tuple[int, int]) -> float:
        """Give an x."""
        rect, pairs = self._rects[groupid], self._pairs[groupid]
        return rect.x + rect.width * (pairs.index(pair) + 1) / (len(pairs) + 1)

    def _order(self, groupid: int, pair: tuple[int, int]) -> tuple[bool, int]:
        """Put those that lead far into the middle: they lie deeper, and so cross the fewest."""
        other = pair[0] if pair[1] == groupid else pair[1]
        steps = self._at[other] - self._at[groupid]
        return steps > 0, -steps


class _Lanes:
    """What of each lane is taken; the first one is next to the columns."""

    def __init__(self) -> None:
        self._taken: list[list[tuple[float, float]]] = []

    def free(self, start: float, end: float) -> int:
        """Take the first lane in which nothing lies between *start* and *end*."""
        middle, half = (start + end) / 2, max(abs(start - end), _FOR_A_LABEL) / 2 + _APART
        low, high = middle - half, middle + half
        for lane, taken in enumerate(self._taken):
            if all(high <= a or b <= low for a, b in taken):
                taken.append((low, high))
                return lane
        self._taken.append([(low, high)])
        return len(self._taken) - 1
