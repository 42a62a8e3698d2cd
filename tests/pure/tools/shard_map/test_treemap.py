"""A rectangle is divided into parts whose areas follow their weights."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.pure.tools.shard_map.rectangles import overlap
from tools.shard_map.treemap import Rect, sliced, squarified

pytestmark = pytest.mark.pure

WEIGHTS = st.lists(st.floats(0.001, 1e12), min_size=1, max_size=60)
WHOLE = Rect(10, 20, 160, 500)


@given(WEIGHTS)
def test_areas_follow_weights(weights: list[float]) -> None:
    scale = WHOLE.area / sum(weights)
    areas = [part.area for part in squarified(weights, WHOLE)]
    assert areas == pytest.approx([weight * scale for weight in weights], rel=1e-6, abs=1e-6)


@given(WEIGHTS)
def test_no_part_lies_on_another_or_outside(weights: list[float]) -> None:
    parts = squarified(weights, WHOLE)
    assert sum(overlap(a, b) for i, a in enumerate(parts) for b in parts[:i]) < 1e-3
    assert all(p.x >= WHOLE.x - 1e-6 and p.right <= WHOLE.right + 1e-6 for p in parts)
    assert all(p.y >= WHOLE.y - 1e-6 and p.bottom <= WHOLE.bottom + 1e-6 for p in parts)


@pytest.mark.parametrize("count", [10, 11, 64, 100])
def test_no_box_of_equal_shards_is_three_times_as_long_as_wide(count: int) -> None:
    parts = squarified([1.0] * count, Rect(0, 0, 150, 400))
    assert max(max(p.width / p.height, p.height / p.width) for p in parts) < 3


def test_slices_lie_along_the_longer_side_in_their_order() -> None:
    wide = list(sliced([1, 3], Rect(0, 0, 40, 10)))
    assert wide == [Rect(0, 0, 10, 10), Rect(10, 0, 30, 10)]
    high = list(sliced([1, 3], Rect(0, 0, 10, 40)))
    assert high == [Rect(0, 0, 10, 10), Rect(0, 10, 10, 30)]
