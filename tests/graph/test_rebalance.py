"""Shards that are spread anew, where a stack declares it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.graph.program import Graph

pytestmark = pytest.mark.graph

KEY = "Rebalance rebalance"
TABLE = {"schema": "ads", "table": "companies", "distributionColumn": "id"}


def test_nothing_is_spread_anew_unasked(up: Graph) -> None:
    assert KEY not in up.resources


def test_it_comes_after_all_that_it_may_move(run: Callable[..., Graph]) -> None:
    graph = run(
        tables=json.dumps([TABLE]),
        rebalance=json.dumps({"threshold": 5}),
        shardTransferMode="block_writes",
    )
    inputs = graph.resources[KEY].inputs
    assert inputs["workers"].keys() == {"worker-0", "worker-1", "worker-2"}
    assert (inputs["strategy"], inputs["threshold"]) == ("by_disk_size", 5)
    assert inputs["timeout_minutes"] == 720
    assert inputs["shard_transfer_mode"] == "block_writes"
    for other in ("Membership membership", "Schema user_service"):
        assert graph.resources[other].inputs["shard_transfer_mode"] == "block_writes"
    before = graph.reachable(KEY)
    assert {"Membership membership", "Migrations ads", "Migrations user_service"} <= before
    assert {"DistributedTable ads.companies", "Role user_service"} <= before
    assert KEY in graph.reachable("Placements placements")
    assert KEY not in graph.reachable("ServiceProcess user")
