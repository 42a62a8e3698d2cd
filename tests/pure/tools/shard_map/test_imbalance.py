"""One number says how unevenly the shards lie."""

from __future__ import annotations

import pytest

from tests.pure.tools.clusters import cluster, node, table
from tools.live_cluster.moves import Plan, PlannedMove
from tools.live_cluster.values import Cluster
from tools.shard_map.figures import figures
from tools.shard_map.imbalance import Imbalance, after, imbalance_of

pytestmark = pytest.mark.pure

TABLE = table("t", shards=4)
UNEVEN = cluster(2, {TABLE: [(1, 100), (1, 100), (1, 100), (2, 100)]})


@pytest.mark.parametrize(
    ("shown", "imbalance"),
    [
        (UNEVEN, Imbalance(1.5, "worker-0", 200)),
        (cluster(2, {TABLE: [(1, 100), (2, 100)]}), Imbalance(1.0, "worker-0", 100)),
        (cluster(4, {TABLE: [(3, 100)]}), Imbalance(4.0, "worker-2", 25)),
        (
            cluster([node(1), node(2, should_have_shards=False)], {TABLE: [(1, 100)]}),
            Imbalance(1.0, "worker-0", 100),
        ),
        (
            cluster([node(1), node(2, silent="gone")], {TABLE: [(1, 100), (2, None)]}),
            Imbalance(1.0, "worker-0", 100),
        ),
        (
            cluster([node(1), node(2, should_have_shards=False)], {TABLE: [(1, 100), (2, 300)]}),
            Imbalance(1.5, "worker-1", 200),
        ),
        (cluster(2, {table("r", "reference"): [(1, 100), (2, 100)]}), None),
        (cluster(2, {}), None),
        (cluster(2, {TABLE: [(1, 0), (2, 0)]}), None),
    ],
    ids=[
        "three of four on one",
        "even",
        "all on one of four",
        "a node that is to have none doesn't count",
        "a node that does not answer doesn't count",
        "a leaving node counts while it holds shards",
        "reference tables don't count",
        "nothing there",
        "all are empty",
    ],
)
def test_it_is_the_fullest_over_the_average(shown: Cluster, imbalance: Imbalance | None) -> None:
    found = imbalance_of(shown)
    assert found == imbalance


def test_a_plan_is_weighed_before_it_runs() -> None:
    plan = Plan((PlannedMove(0, "app.t", 1, 2, 100),))
    assert imbalance_of(after(UNEVEN, plan)) == Imbalance(1.0, "worker-0", 200)
    even = figures(after(UNEVEN, plan), Plan())[0]
    assert even == "Imbalance 1.00: each node has about 200 bytes."
    assert figures(UNEVEN, plan)[:2] == [
        "Imbalance 1.50: worker-0 has 50 % more than the average of 200 bytes.",
        "A rebalance would move 1 shard, 100 bytes, and leave an imbalance of 1.00.",
    ]


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (Plan(), "A rebalance would move nothing."),
        (Plan(unknown="it fails"), "What a rebalance would move is not known: it fails."),
    ],
    ids=["nothing to move", "not known"],
)
def test_what_a_rebalance_would_do_is_one_sentence(plan: Plan, said: str) -> None:
    assert figures(UNEVEN, plan)[1] == said
