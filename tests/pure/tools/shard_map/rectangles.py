"""How rectangles lie to each other."""

from __future__ import annotations

from tools.shard_map.treemap import Rect


def overlap(one: Rect, other: Rect) -> float:
    """Give the area that both cover."""
    wide = min(one.right, other.right) - max(one.x, other.x)
    high = min(one.bottom, other.bottom) - max(one.y, other.y)
    return max(wide, 0) * max(high, 0)
