"""Which shards move when a plan runs: drains of the nodes that leave, then the rebalance. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tools.report.preview import Preview
from tools.report.rebalancer import Move, Node, Placement, Thresholds, drained, rebalanced

Groups = Sequence[Sequence[Placement]]
# What changes the shards themselves, unless it is deleted: that comes last of all.
_MAKES_SHARDS = {"Schema", "Migrations", "DistributedTable", "ReferenceTable"}


@dataclass(frozen=True)
class Scaling:
    """What changes about the nodes.

    Attributes:
        declared: The groupid of every worker that will be, by name.
        leaving: Likewise of those that will not, in the order in which they are drained.
        strategy: By which shards are spread at the end; empty where they are not.
        threshold: The declared one in percent; 0 for the strategy's own.
        lost: The workers whose shards are first made anew on others.
        remakes: Whether tables change before their shards move.
    """

    declared: Mapping[str, int]
    leaving: Mapping[str, int]
    strategy: str = ""
    threshold: int = 0
    lost: tuple[str, ...] = ()
    remakes: bool = False


@dataclass(frozen=True)
class Strategy:
    """A row of ``pg_dist_rebalance_strategy``.

    ``alike`` says whether all nodes have the same room for all shards, as in Citus' own strategies.
    ``cost`` names the function that weighs a shard, as SQL does; empty where all weigh the same.
    """

    name: str
    is_default: bool = False
    thresholds: Thresholds = field(default_factory=Thresholds)
    minimum: float = 0.0
    cost: str = ""
    alike: bool = True


@dataclass(frozen=True)
class Weighed:
    """A strategy with the shards of each colocation group as it weighs them."""

    strategy: Strategy
    groups: Groups


def of(preview: Preview) -> Scaling | None:
    """Read what a preview changes; ``None`` where no shard will move."""
    membership, rebalance = preview.of_kind("Membership"), preview.of_kind("Rebalance")
    starts = rebalance is not None and rebalance.statements
    if membership is None and not starts:
        return None
    before = _groups(membership.before) if membership else {}
    after = _groups(membership.after) if membership else {}
    gone = {name: before[name] for name in before if name not in after}
    lost = [name for name in gone if membership and name in membership.after.get("lost", [])]
    leaving = {name: gone[name] for name in gone if name not in lost}
    if not leaving and not starts:
        return None
    settings = rebalance.after if rebalance and starts else {}
    return Scaling(
        declared=after,
        leaving=dict(sorted(leaving.items(), key=lambda entry: entry[1])),
        strategy=str(settings.get("strategy", "")),
        threshold=int(settings.get("threshold", 0)),
        lost=tuple(lost),
        remakes=any(
            change.kind in _MAKES_SHARDS and change.statements and change.operation != "delete"
            for change in preview.changes
        ),
    )


def moves(scaling: Scaling, nodes: Sequence[Node], first: Weighed, last: Weighed) -> list[Move]:
    """Give every move, in order; *first* weighs for the drains, *last* for the rebalance."""
    nodes = _with_declared(nodes, scaling)
    first_groups, last_groups = first.groups, last.groups
    found: list[Move] = []
    for groupid in scaling.leaving.values():
        drain = drained(nodes, first_groups, groupid)
        found += drain
        first_groups, last_groups = _after(drain, first_groups), _after(drain, last_groups)
    if scaling.strategy:
        stay = [node for node in nodes if node.groupid not in scaling.leaving.values()]
        found += rebalanced(stay, last_groups, _thresholds(scaling, last.strategy))
    return found


def _groups(inputs: Mapping[str, Any]) -> dict[str, int]:
    return {name: int(row["groupid"]) for name, row in inputs.get("workers", {}).items()}


def _with_declared(nodes: Sequence[Node], scaling: Scaling) -> list[Node]:
    """Mark those that leave, and add those that join: in their order, with the next ids."""
    leaving = set(scaling.leaving.values())
    declared = set(scaling.declared.values())
    there = [
        replace(node, may_hold=node.groupid not in leaving)
        if node.groupid in leaving | declared
        else node
        for node in nodes
    ]
    newest = max((node.nodeid for node in nodes), default=0)
    joining = sorted(declared - {node.groupid for node in nodes})
    return there + [Node(groupid, newest + i) for i, groupid in enumerate(joining, start=1)]


def _after(done: Sequence[Move], groups: Groups) -> Groups:
    """Give where the shards are then."""
    targets = {(move.shardid, move.source): move.target for move in done}
    return [
        [
            replace(place, groupid=targets.get((place.shardid, place.groupid), place.groupid))
            for place in group
        ]
        for group in groups
    ]


def _thresholds(scaling: Scaling, strategy: Strategy) -> Thresholds:
    """Give the declared threshold, which is the strategy's own by then, or that; no less than."""
    own = strategy.thresholds
    declared = scaling.threshold / 100 if scaling.threshold else own.threshold
    return replace(own, threshold=max(declared, strategy.minimum))
