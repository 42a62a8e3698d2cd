"""How unevenly the shards lie: one number, before a rebalance and after it. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tools.live_cluster.moves import Plan
    from tools.live_cluster.values import Cluster

DEFINITION = (
    "bytes on the fullest worker over the average of the workers that may hold shards,"
    " without reference tables, which are on every node"
)


@dataclass(frozen=True)
class Imbalance:
    """``ratio`` is 1 where all have the same; bytes of unknown size count as none."""

    ratio: float
    fullest: str
    average: float
    exact: bool


def imbalance_of(cluster: Cluster) -> Imbalance | None:
    """Give it as `DEFINITION` says; ``None`` where there is nothing to spread."""
    kinds = {table.qualified: table.kind for table in cluster.tables}
    spread = [p for p in cluster.placements if kinds[p.table] not in {"reference", "local"}]
    homes = {node.groupid: node.name for node in cluster.nodes if node.should_have_shards}
    held: Counter[int] = Counter(dict.fromkeys(homes, 0))
    for placement in spread:
        held[placement.groupid] += placement.bytes or 0
    if not homes or not any(held.values()):
        return None
    average = sum(held.values()) / len(homes)
    fullest, most = max(held.items(), key=lambda pair: (pair[1], -pair[0]))
    exact = all(placement.bytes is not None for placement in spread)
    return Imbalance(most / average, cluster.name_of(fullest), average, exact)


def after(cluster: Cluster, plan: Plan) -> Cluster:
    """Give the cluster as it is when a plan has been carried out."""
    targets = {(move.shardid, move.source): move.target for move in plan.moves}
    placements = (
        replace(p, groupid=targets.get((p.shardid, p.groupid), p.groupid))
        for p in cluster.placements
    )
    return replace(cluster, placements=tuple(placements))
