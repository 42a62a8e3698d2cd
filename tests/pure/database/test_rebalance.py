from __future__ import annotations

import pytest

from citus.database.rebalance import RebalanceProvider, RebalanceSpec
from tests.pure.database.specs import rebalance, rendered

pytestmark = pytest.mark.pure

START = "SELECT citus_rebalance_start(rebalance_strategy := 'by_disk_size')"
provider = RebalanceProvider()


def threshold(percent: int) -> str:
    return (
        f"UPDATE pg_dist_rebalance_strategy SET default_threshold = {percent} / 100.0"
        " WHERE name = 'by_disk_size'"
    )


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (None, rebalance(0, 1), [START]),
        (rebalance(0, 1), rebalance(0, 1), []),
        (rebalance(0, 1), rebalance(0, 1, 2), [START]),
        (rebalance(0, 1, 2), rebalance(0, 2), [START]),
        (
            rebalance(0, 1),
            rebalance(0, 1, strategy="by_shard_count"),
            ["SELECT citus_rebalance_start(rebalance_strategy := 'by_shard_count')"],
        ),
        (None, rebalance(0, threshold=5), [threshold(5), START]),
        (rebalance(0, threshold=5), rebalance(0, 1, threshold=5), [START]),
        (rebalance(0, threshold=5), rebalance(0, threshold=7), [threshold(7), START]),
        (rebalance(0, threshold=5), rebalance(0), [START]),
        (rebalance(0, timeout_minutes=5), rebalance(0, timeout_minutes=7), []),
        (
            None,
            rebalance(0, shard_transfer_mode="block_writes"),
            [f"{START[:-1]}, shard_transfer_mode := 'block_writes')"],
        ),
        (rebalance(0), rebalance(0, shard_transfer_mode="block_writes"), []),
        (rebalance(0), None, []),
    ],
    ids=[
        "first",
        "unchanged",
        "a worker joins",
        "a worker leaves",
        "another strategy",
        "with a threshold",
        "the threshold stays",
        "another threshold",
        "no threshold of its own any more",
        "another patience",
        "while writes wait",
        "another way to move",
        "no longer declared",
    ],
)
def test_plan(old: RebalanceSpec | None, new: RebalanceSpec | None, expected: list[str]) -> None:
    assert rendered(provider.plan(old, new)) == expected


def test_the_job_is_waited_for_as_long_as_the_stack_says() -> None:
    [start] = provider.plan(None, rebalance(0, timeout_minutes=7))
    assert start.before
    assert start.after
    assert (start.before.at_most, start.after.at_most) == (420, 420)
    assert start.after.of(12).endswith("WHERE  j.job_id = 12")
