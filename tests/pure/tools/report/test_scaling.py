"""Which shards a preview will move."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.pure.tools.report.steps import decoded, step
from tools.report import scaling
from tools.report.preview import read
from tools.report.rebalancer import Move, Node, Placement, Thresholds
from tools.report.scaling import Scaling, Strategy, Weighed

pytestmark = pytest.mark.pure

START = ["SELECT citus_rebalance_start(rebalance_strategy := 'by_shard_count') -- spread"]
BY_COUNT = Strategy("by_shard_count")
BY_SIZE = Strategy("by_disk_size", True, Thresholds(0.1, 0.5), 0.01, "citus_shard_cost")  # noqa: FBT003


def workers(*indices: int) -> dict[str, Any]:
    return {"workers": {f"worker-{i}": {"groupid": float(i + 1)} for i in indices}}


def membership(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    return step("update", "Membership membership", before, after)


def rebalance(**settings: object) -> dict[str, Any]:
    return step("update", "Rebalance rebalance", {}, {"planned_sql": START, **settings})


def nodes(*groups: int) -> list[Node]:
    return [Node(0, 1, may_hold=False), *(Node(group, group + 1) for group in groups)]


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([], None),
        ([membership(workers(0), workers(0, 1))], None),  # it joins, and nothing is spread
        ([step("update", "Rebalance rebalance", {}, {"planned_sql": []})], None),
        (
            [membership(workers(0), workers(0, 1)), rebalance(strategy="by_shard_count")],
            Scaling({"worker-0": 1, "worker-1": 2}, {}, "by_shard_count"),
        ),
        (
            [rebalance(strategy="by_disk_size", threshold=25.0)],
            Scaling({}, {}, "by_disk_size", 25),
        ),
        (
            [membership(workers(0, 2, 1), workers(0))],
            Scaling({"worker-0": 1}, {"worker-1": 2, "worker-2": 3}),
        ),
        (
            [membership(workers(0, 1, 2), {**workers(0), "lost": ["worker-2"]})],
            Scaling({"worker-0": 1}, {"worker-1": 2}, lost=("worker-2",)),
        ),
        (
            [rebalance(strategy="s"), step("create", "Schema a", after={"planned_sql": ["x"]})],
            Scaling({}, {}, "s", remakes=True),
        ),
        (
            [rebalance(strategy="s"), step("delete", "Schema a", {"delete_sql": ["x"]})],
            Scaling({}, {}, "s"),
        ),
    ],
)
def test_what_a_preview_changes_about_the_nodes(
    steps: list[dict[str, Any]], expected: Scaling | None
) -> None:
    assert scaling.of(read("dev", decoded(*steps))) == expected


def moved(change: Scaling, groups: list[list[Placement]], *there: int) -> list[Move]:
    weighed = Weighed(BY_COUNT, groups)
    return scaling.moves(change, nodes(*there), weighed, weighed)


def test_a_node_that_joins_takes_its_part_though_it_is_not_there_yet() -> None:
    change = Scaling({"worker-0": 1, "worker-1": 2, "worker-2": 3}, {}, "by_shard_count")
    group = [Placement(100 + i, 1 + i % 2) for i in range(6)]
    found = moved(change, [group], 1, 2)
    assert sorted((move.source, move.target) for move in found) == [(1, 3), (2, 3)]


def test_nothing_moves_onto_a_node_that_leaves_or_was_added_by_hand_and_may_hold_none() -> None:
    change = Scaling({"worker-0": 1}, {"worker-1": 2, "worker-2": 3}, "by_shard_count")
    group = [Placement(100 + i, 1 + i % 3) for i in range(9)]
    there = [*nodes(1, 2, 3), Node(9, 10, may_hold=False)]
    weighed = Weighed(BY_COUNT, [group])
    found = scaling.moves(change, there, weighed, weighed)
    assert [(move.source, move.target) for move in found] == [(2, 1)] * 3 + [(3, 1)] * 3


def test_a_declared_node_that_was_marked_by_hand_may_hold_shards_again() -> None:
    change = Scaling({"worker-0": 1, "worker-1": 2}, {}, "by_shard_count")
    weighed = Weighed(BY_COUNT, [[Placement(100, 1), Placement(101, 1)]])
    marked = [*nodes(1), Node(2, 3, may_hold=False)]
    assert len(scaling.moves(change, marked, weighed, weighed)) == 1


def test_what_was_drained_is_spread_from_where_it_is_then() -> None:
    """Citus drains without a look at what the others hold, so that it may move a shard twice."""
    change = Scaling({"worker-0": 1, "worker-1": 2}, {"worker-2": 3}, "by_shard_count")
    group = [*(Placement(100 + i, 1) for i in range(4)), Placement(104, 3), Placement(105, 3)]
    found = moved(change, [group], 1, 2, 3)
    assert [(move.source, move.target) for move in found[:2]] == [(3, 1), (3, 2)]
    assert {(move.source, move.target) for move in found[2:]} == {(1, 2)}
    assert len(found) == 4


@pytest.mark.parametrize(("declared", "expected"), [(0, 1), (1, 1), (60, 0)])
def test_a_declared_threshold_takes_the_place_of_the_strategys_own(
    declared: int, expected: int
) -> None:
    change = Scaling({"worker-0": 1, "worker-1": 2}, {}, "by_disk_size", declared)
    placed = [Placement(100, 1, 50), Placement(101, 1, 50), Placement(102, 2, 50)]
    weighed = Weighed(BY_SIZE, [[*placed, Placement(103, 1, 50)]])
    assert len(scaling.moves(change, nodes(1, 2), weighed, weighed)) == expected
    least = replace(BY_SIZE, minimum=0.6)  # what is declared below it is not taken
    weighed = replace(weighed, strategy=least)
    assert scaling.moves(change, nodes(1, 2), weighed, weighed) == []
