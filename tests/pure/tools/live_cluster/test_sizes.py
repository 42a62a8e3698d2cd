"""Sums of sizes, some of which may be unknown."""

from __future__ import annotations

import pytest

from tools.live_cluster.sizes import Size, pretty

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("size", "written"),
    [
        (0, "0 bytes"),
        (10239, "10239 bytes"),
        (10240, "10 kB"),
        (8192 * 1024, "8192 kB"),
        (10 * 1024**2, "10 MB"),
        (3 * 1024**4, "3072 GB"),
        (20 * 1024**5, "20480 TB"),
    ],
)
def test_a_size_is_written_as_postgresql_does(size: int, written: str) -> None:
    assert pretty(size) == written


@pytest.mark.parametrize(
    ("sizes", "written"),
    [([], "0 bytes"), ([1, 2], "3 bytes"), ([1, None], "over 1 bytes"), ([None], "unknown")],
)
def test_a_sum_says_whether_all_of_it_is_known(sizes: list[int | None], written: str) -> None:
    assert str(Size.of(sizes)) == written
