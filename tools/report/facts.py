"""What the cluster that is up adds to a preview: rows, bytes, and the shards that move. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tools.live_cluster.sizes import Size
from tools.live_cluster.values import Cluster, Table
from tools.report.preview import Change
from tools.report.rebalancer import Move

_TABLES = {"DistributedTable", "ReferenceTable"}
_SCHEMA = {"Schema": "name", "Migrations": "schema"}  # the input that names it
_WITH_COLOCATED = "cascade_to_colocated := true"


@dataclass(frozen=True)
class TableFacts:
    """A table that SQL touches; ``rows`` is as text, since many are not counted to the end."""

    name: str
    rows: str
    size: Size
    shards: int


@dataclass(frozen=True)
class Flow:
    """So many shards go from one node to another."""

    source: str
    target: str
    shards: int
    size: Size


@dataclass(frozen=True)
class Moves:
    """All that move; ``doubts`` say why it may come otherwise, ``unknown`` why nothing is told."""

    flows: tuple[Flow, ...] = ()
    doubts: tuple[str, ...] = ()
    unknown: str = ""

    @property
    def shards(self) -> int:
        """How many, those that move along counted too."""
        return sum(flow.shards for flow in self.flows)

    @property
    def size(self) -> Size:
        """How much is copied."""
        return _total(flow.size for flow in self.flows)


@dataclass(frozen=True)
class Facts:
    """What was read; ``at_stake`` says by a change's ``urn`` what its plan would take."""

    tables: tuple[TableFacts, ...] = ()
    moves: Moves | None = None
    at_stake: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def touched(change: Change, cluster: Cluster) -> list[Table]:
    """Give the tables that there are of those that a change's SQL is about."""
    inputs = change.after or change.before
    if not change.statements:
        return []
    if change.kind in _SCHEMA:
        return [t for t in cluster.tables if t.schema == inputs.get(_SCHEMA[change.kind])]
    if change.kind not in _TABLES:
        return []
    named = (inputs.get("schema"), inputs.get("name"))
    its = [table for table in cluster.tables if (table.schema, table.name) == named]
    if any(_WITH_COLOCATED in statement.sql for statement in change.statements):
        groups = {table.colocation_id for table in its}
        return [table for table in cluster.tables if table.colocation_id in groups]
    return its


def size_of(table: Table, cluster: Cluster) -> Size:
    """Add up a table's shards, each copy by itself."""
    if table.local_bytes is not None:
        return Size.of([table.local_bytes])
    return Size.of(placement.bytes for placement in cluster.of(table))


def flows(moves: Iterable[Move], cluster: Cluster, names: Mapping[int, str]) -> list[Flow]:
    """Add up the moves by source and target, with the shards that move along."""
    together = _together(cluster)
    found: dict[tuple[int, int], list[int | None]] = {}
    for move in moves:
        found.setdefault((move.source, move.target), []).extend(together[move.shardid])
    return [
        Flow(names[source], names[target], len(sizes), Size.of(sizes))
        for (source, target), sizes in sorted(found.items())
    ]


def _together(cluster: Cluster) -> dict[int, list[int | None]]:
    """Give by shard the size of each that moves with it, itself among them."""
    slots: dict[object, dict[int, int | None]] = {}
    for place in cluster.placements:
        slot = (place.colocation_id, place.slot) if place.colocation_id else place.shardid
        slots.setdefault(slot, {})[place.shardid] = place.bytes
    return {shardid: [*shards.values()] for shards in slots.values() for shardid in shards}


def _total(sizes: Iterable[Size]) -> Size:
    sizes = list(sizes)
    return Size(sum(size.bytes for size in sizes), all(size.exact for size in sizes))
