"""The sentences above a map. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.live_cluster.sizes import Size, pretty
from tools.shard_map.groups import counted
from tools.shard_map.imbalance import DEFINITION, after, imbalance_of

if TYPE_CHECKING:
    from tools.live_cluster.moves import Plan
    from tools.live_cluster.values import Cluster


def figures(cluster: Cluster, plan: Plan) -> list[str]:
    """Give the imbalance, what a rebalance would make of it, and what the number means."""
    return [_imbalance(cluster), _planned(cluster, plan), *DEFINITION]


def _imbalance(cluster: Cluster) -> str:
    now = imbalance_of(cluster)
    silent = [node.name for node in cluster.nodes if node.silent]
    if now is None and silent:
        return f"Imbalance: not known while {', '.join(silent)} does not answer."
    if now is None:
        return "No shards are spread over the workers."
    known = " of those that answer" if silent else ""
    if round(now.ratio, 2) == 1:
        return f"Imbalance 1.00: each node has about {pretty(now.average)}."
    return (
        f"Imbalance {now.ratio:.2f}: {now.fullest} has {round(100 * (now.ratio - 1))} % more than"
        f" the average of {pretty(now.average)}{known}."
    )


def _planned(cluster: Cluster, plan: Plan) -> str:
    if plan.unknown:
        return f"What a rebalance would move is not known: {plan.unknown}."
    if not plan.moves:
        return "A rebalance would move nothing."
    size = Size.of(move.bytes for move in plan.moves)
    then = imbalance_of(after(cluster, plan))
    ratio = f", and leave an imbalance of {then.ratio:.2f}" if then else ""
    return f"A rebalance would move {counted(len(plan.moves), 'shard')}, {size}{ratio}."
