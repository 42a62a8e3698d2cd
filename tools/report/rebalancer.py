"""Citus' rebalancer: which shards move, for nodes that need not be there yet. Pure.

What ``get_rebalance_table_shards_plan()`` answers for the nodes in ``pg_dist_node`` this tells
for those that will be, by the same greedy search (``shard_rebalancer.c``, alike in Citus 13 and
14). Citus adds up in single precision; to choose as it does, so does this.
"""

from __future__ import annotations

import math
from bisect import insort
from collections.abc import Iterator, Sequence
from ctypes import c_float
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Node:
    """A node of ``pg_dist_node``; one that ``may_hold`` none has no room at all."""

    groupid: int
    nodeid: int
    may_hold: bool = True


@dataclass(frozen=True)
class Placement:
    """A shard on a node; ``cost`` stands for all that are colocated with it, as one moves all."""

    shardid: int
    groupid: int
    cost: float = 1.0


@dataclass(frozen=True)
class Move:
    """A shard that goes from one group to another."""

    shardid: int
    source: int
    target: int


@dataclass(frozen=True)
class Thresholds:
    """How far from the average a node may be, and how much a move must improve its shard's part."""

    threshold: float = 0.0
    improvement: float = 0.0


def rebalanced(
    nodes: Sequence[Node], groups: Sequence[Sequence[Placement]], thresholds: Thresholds
) -> list[Move]:
    """Give the moves of ``citus_rebalance_start``.

    *groups* has the placements of one table of each colocation group, in the order of
    ``pg_dist_partition``.
    """
    states = _states(nodes, groups)
    moves = [move for state in states for move in state.moved_off()]
    for state in states:
        moves.extend(state.balanced(thresholds))
    return moves


def drained(
    nodes: Sequence[Node], groups: Sequence[Sequence[Placement]], groupid: int
) -> list[Move]:
    """Give the moves of ``citus_drain_node``; Citus then looks at that node's shards alone."""
    its = [[place for place in group if place.groupid == groupid] for group in groups]
    return [move for state in _states(nodes, its) for move in state.moved_off()]


@dataclass
class _Fill:
    """How full a node is; its shards stand by cost, the greatest first."""

    node: Node
    cost: float = 0.0
    shards: list[tuple[float, int]] = field(default_factory=list)

    def with_(self, cost: float) -> float:
        """Give the utilization with so much more."""
        return _single(self.cost + cost) if self.node.may_hold else math.inf

    @property
    def utilization(self) -> float:
        return self.with_(0)

    @property
    def order(self) -> tuple[float, bool, int]:
        """From empty to full."""
        return self.utilization, not self.node.may_hold, self.node.nodeid

    def add(self, cost: float, shardid: int) -> None:
        insort(self.shards, (-cost, shardid))
        self.cost = _single(self.cost + cost)

    def remove(self, cost: float, shardid: int) -> None:
        self.shards.remove((-cost, shardid))
        self.cost = _single(self.cost - cost)


class _State:
    """The nodes with the shards that are balanced together."""

    def __init__(self, nodes: Sequence[Node], placements: Sequence[Placement]) -> None:
        self.fills = [_Fill(node) for node in nodes]
        by_group = {fill.node.groupid: fill for fill in self.fills}
        self.total = 0.0
        self.placed = set()
        for place in placements:
            cost = _single(place.cost)
            by_group[place.groupid].add(cost, place.shardid)
            self.placed.add((place.shardid, place.groupid))
            self.total = _single(self.total + cost)

    def moved_off(self) -> Iterator[Move]:
        """Move what is on nodes that may hold none, each shard to the emptiest other."""
        wrong = [
            (cost, shardid, fill)
            for fill in self.fills
            if not fill.node.may_hold
            for cost, shardid in fill.shards
        ]
        for cost, shardid, source in sorted(wrong, key=lambda entry: entry[:2]):
            for target in sorted(self.fills, key=lambda fill: fill.order):
                if self._may_take(target, shardid):
                    yield self._move(source, target, -cost, shardid)
                    break

    def balanced(self, thresholds: Thresholds) -> Iterator[Move]:
        """Move shard after shard while that makes the fullest and the emptiest more alike."""
        capacity = sum(fill.node.may_hold for fill in self.fills)
        if not capacity:
            return
        average = _single(self.total / capacity)
        lower = _single((1 - _single(thresholds.threshold)) * average)
        upper = _single((1 + _single(thresholds.threshold)) * average)
        improvement = _single(thresholds.improvement)
        while found := next(self._improvements(lower, upper, improvement), None):
            yield self._move(*found)

    def _improvements(
        self, lower: float, upper: float, improvement: float
    ) -> Iterator[tuple[_Fill, _Fill, float, int]]:
        emptiest_first = sorted(self.fills, key=lambda fill: fill.order)
        for source in reversed(emptiest_first):
            if source.utilization <= lower:
                return
            for target in emptiest_first:
                if target.utilization >= upper:
                    break
                if target.utilization >= lower and source.utilization <= upper:
                    break
                for negative, shardid in source.shards:
                    taken = self._may_take(target, shardid)
                    if taken and _improves(source, target, -negative, improvement):
                        yield source, target, -negative, shardid

    def _may_take(self, target: _Fill, shardid: int) -> bool:
        return target.node.may_hold and (shardid, target.node.groupid) not in self.placed

    def _move(self, source: _Fill, target: _Fill, cost: float, shardid: int) -> Move:
        source.remove(cost, shardid)
        target.add(cost, shardid)
        self.placed.remove((shardid, source.node.groupid))
        self.placed.add((shardid, target.node.groupid))
        return Move(shardid, source.node.groupid, target.node.groupid)


def _states(nodes: Sequence[Node], groups: Sequence[Sequence[Placement]]) -> list[_State]:
    """Balance groups with too few shards for the nodes together, and each other by itself."""
    nodes_that_may = sum(node.may_hold for node in nodes)
    large = [group for group in groups if len(group) >= nodes_that_may]
    small = [place for group in groups if len(group) < nodes_that_may for place in group]
    return [_State(nodes, group) for group in [*large, *([small] if small else [])]]


def _improves(source: _Fill, target: _Fill, cost: float, improvement: float) -> bool:
    """Tell whether a move makes the fuller of the two less full, and by enough for its cost."""
    filled, emptied = target.with_(cost), source.with_(-cost)
    if filled <= emptied:
        return True
    if filled > source.utilization:
        return False
    if filled == source.utilization and emptied <= target.utilization:
        return False
    gained = max(_single(source.utilization - filled), _single(emptied - target.utilization))
    added = min(_single(filled - target.utilization), _single(source.utilization - emptied))
    return _single(gained / added) >= improvement


def _single(number: float) -> float:
    return c_float(number).value
