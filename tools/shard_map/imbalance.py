"""How unevenly the shards lie: one number, before a rebalance and after it. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tools.live_cluster.moves import Plan
    from tools.live_cluster.values import Cluster

DEFINITION = (
    "Imbalance: bytes on the fullest node over the average of the nodes that hold shards or may.",
    "Reference tables, which are on every node, don't count.",
)


@dataclass(frozen=True)
class Imbalance:
    """``ratio`` is 1 where all have the same; a node that does not answer is left out."""

    ratio: float
    fullest: str
    average: float


def imbalance_of(cluster: Cluster) -> Imbalance | None:
    """Give it as `DEFINITION` says; ``None`` where there is nothing to spread."""
    fixed = {t.qualified for t in cluster.tables if t.kind in {"reference", "local"}}
    silent = {node.groupid for node in cluster.nodes if node.silent}
    homes = [n.groupid for n in cluster.nodes if n.should_have_shards and not n.silent]
    held: Counter[int] = Counter(dict.fromkeys(homes, 0))
    for placement in cluster.placements:
        if placement.table not in fixed and placement.groupid not in silent:
            held[placement.groupid] += placement.bytes or 0
    if not any(held.values()):
        return None
    average = held.total() / len(held)
    fullest, most = max(held.items(), key=lambda pair: (pair[1], -pair[0]))
    return Imbalance(most / average, cluster.name_of(fullest), average)


def after(cluster: Cluster, plan: Plan) -> Cluster:
    """Give the cluster as it is when a plan has been carried out."""
    targets = {(move.shardid, move.source): move.target for move in plan.moves}
    placements = (
        replace(p, groupid=targets.get((p.shardid, p.groupid), p.groupid))
        for p in cluster.placements
    )
    return replace(cluster, placements=tuple(placements))
