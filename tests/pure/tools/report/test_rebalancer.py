"""Citus' search for the shards to move; that it is Citus' own is shown by tests/live."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.report.rebalancer import Move, Node, Placement, Thresholds, drained, rebalanced

pytestmark = pytest.mark.pure

BY_SIZE = Thresholds(0.1, 0.5)


def nodes(count: int, *marked: int) -> list[Node]:
    """Give a coordinator, which may hold none, and workers; those that are marked may neither."""
    return [Node(group, group + 1, group not in (0, *marked)) for group in range(count + 1)]


def spread(shards: int, over: int, first: int = 100) -> list[Placement]:
    """Place shards as Citus does in a new table."""
    return [Placement(first + i, 1 + i % over) for i in range(shards)]


def after(moves: Sequence[Move], group: Sequence[Placement]) -> list[Placement]:
    at = {place.shardid: place.groupid for place in group}
    for move in moves:
        if move.shardid in at:
            assert at[move.shardid] == move.source
            at[move.shardid] = move.target
    return [replace(place, groupid=at[place.shardid]) for place in group]


def held(group: Sequence[Placement]) -> list[int]:
    return sorted(Counter(place.groupid for place in group).values())


def test_64_shards_of_6_workers_are_8_on_each_of_8_after_16_moves() -> None:
    group = spread(64, 6)
    moves = rebalanced(nodes(8), [group], Thresholds())
    assert len(moves) == 16
    assert {move.target for move in moves} == {7, 8}
    assert held(after(moves, group)) == [8] * 8


def test_3_of_8_workers_that_leave_are_emptied_one_after_another() -> None:
    group, marked = spread(64, 8), nodes(8, 6, 7, 8)
    for leaving in (6, 7, 8):
        moves = drained(marked, [group], leaving)
        assert {move.source for move in moves} == {leaving}
        assert len(moves) == 8
        group = after(moves, group)
    assert {place.groupid for place in group} == {1, 2, 3, 4, 5}


def test_schemas_of_one_shard_are_spread_together() -> None:
    schemas = [[Placement(100 + i, 1)] for i in range(6)]
    moves = rebalanced(nodes(3), schemas, Thresholds())
    flat = after(moves, [place for group in schemas for place in group])
    assert held(flat) == [2, 2, 2]


def test_a_group_that_reaches_every_node_is_spread_by_itself() -> None:
    large = [[Placement(100 + i, 1) for i in range(3)], [Placement(200 + i, 2) for i in range(3)]]
    moves = rebalanced(nodes(3), large, Thresholds())
    assert [held(after(moves, group)) for group in large] == [[1, 1, 1], [1, 1, 1]]


@pytest.mark.parametrize(
    ("costs", "moved"),
    [
        ([10, 10, 10, 10], [10, 10]),
        ([100], []),  # it would only change places
        ([90, 60], [90]),  # the fuller of the two is then less full by two thirds of it
        ([110, 50], [50]),  # by less than half of the 110
        ([52, 48, 50, 50], [52, 50]),
    ],
)
def test_by_size_a_shard_moves_only_where_it_is_worth_it(
    costs: list[int], moved: list[int]
) -> None:
    group = [Placement(100 + i, 1, cost) for i, cost in enumerate(costs)]
    moves = rebalanced(nodes(2), [group], BY_SIZE)
    assert [costs[move.shardid - 100] for move in moves] == moved


def test_a_shard_goes_to_no_node_that_has_it() -> None:
    replicated = [Placement(100, 1), Placement(100, 2)]
    assert rebalanced(nodes(2, 1), [replicated], Thresholds()) == []
    assert rebalanced(nodes(3, 1), [replicated], Thresholds()) == [Move(100, 1, 3)]


def test_where_no_node_may_hold_a_shard_none_moves() -> None:
    assert rebalanced(nodes(2, 1, 2), [spread(4, 2)], Thresholds()) == []


PLACED = st.lists(st.lists(st.integers(1, 4), min_size=1, max_size=12), min_size=1, max_size=4).map(
    lambda groups: [
        [Placement(100 * g + i, groupid) for i, groupid in enumerate(group)]
        for g, group in enumerate(groups, start=1)
    ]
)


@given(PLACED, st.sets(st.integers(1, 4), max_size=3))
def test_by_count_no_node_has_two_more_than_another_and_nothing_is_left_to_do(
    groups: list[list[Placement]], marked: set[int]
) -> None:
    there = nodes(4, *marked)
    moves = rebalanced(there, groups, Thresholds())
    groups = [after(moves, group) for group in groups]
    homes = [node.groupid for node in there if node.may_hold]
    for group in groups:
        count = Counter(place.groupid for place in group)
        assert set(count) <= set(homes)
        if len(group) >= len(homes):
            assert max(count[g] for g in homes) - min(count[g] for g in homes) <= 1
    assert rebalanced(there, groups, Thresholds()) == []
