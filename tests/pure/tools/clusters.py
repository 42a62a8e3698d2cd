"""Clusters to be shown, made of a few words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hypothesis import strategies as st

from citus.endpoint import Address, worker_name
from tools.live_cluster.moves import Plan, PlannedMove
from tools.live_cluster.values import Cluster, Kind, Node, Placement, Schema, Table


def node(groupid: int, *, silent: str = "", should_have_shards: bool | None = None) -> Node:
    name = worker_name(groupid - 1) if groupid else "coordinator"
    for_shards = bool(groupid) if should_have_shards is None else should_have_shards
    address = Address(name, 5432)
    return Node(groupid, name, address, True, for_shards, True, silent)  # noqa: FBT003


def table(
    name: str, kind: Kind = "distributed", *, group: int = 1, shards: int = 1, schema: str = "app"
) -> Table:
    column = "id" if kind == "distributed" else None
    return Table(schema, name, f"{schema}.{name}", kind, column, group, shards)


def cluster(
    workers: Sequence[Node] | int, tables: Mapping[Table, Sequence[tuple[int, int | None]]]
) -> Cluster:
    """Give a cluster of these tables; each has the groupid and the bytes of its placements."""
    nodes = [node(i + 1) for i in range(workers)] if isinstance(workers, int) else workers
    schemas = {t.schema: t.colocation_id if t.kind == "schema" else None for t in tables}
    placements = [
        Placement(
            shardid=1000 * index + (0 if t.kind == "reference" else slot),
            table=t.qualified,
            colocation_id=t.colocation_id,
            slot=0 if t.kind == "reference" else slot,
            groupid=groupid,
            bytes=size,
        )
        for index, (t, shards) in enumerate(tables.items())
        for slot, (groupid, size) in enumerate(shards)
    ]
    return Cluster(
        database="postgres",
        citus_version="13.0-1",
        nodes=(node(0), *nodes),
        schemas=tuple(Schema(name, "owner", group) for name, group in schemas.items()),
        tables=tuple(tables),
        placements=tuple(placements),
    )


NAMES = st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1, max_size=12)
_SIZES = st.one_of(st.none(), st.integers(0, 2**40))


@st.composite
def clusters(draw: st.DrawFn) -> Cluster:
    """Give any: groups of colocated tables, schemas, reference tables, on up to five workers."""
    workers = draw(st.integers(1, 5))
    tables: dict[Table, list[tuple[int, int | None]]] = {}
    names = iter(draw(st.lists(NAMES, min_size=12, max_size=12, unique=True)))
    homes = st.integers(1, workers)
    for group in range(1, draw(st.integers(1, 3)) + 1):
        at = draw(st.lists(homes, min_size=1, max_size=12))
        for _ in range(draw(st.integers(1, 2))):
            made = table(next(names), group=group, shards=len(at))
            tables[made] = [(home, draw(_SIZES)) for home in at]
    for group in range(10, draw(st.integers(10, 13))):
        made = table("t", "schema", group=group, schema=next(names))
        tables[made] = [(draw(homes), draw(_SIZES))]
    if draw(st.booleans()):
        copies = [(groupid, draw(_SIZES)) for groupid in range(workers + 1)]
        tables[table(next(names), "reference", group=99)] = copies
    return cluster(workers, tables)


@st.composite
def clusters_with_plans(draw: st.DrawFn) -> tuple[Cluster, Plan]:
    """Give any, with a plan that moves whole shard groups."""
    drawn = draw(clusters())
    moved = draw(st.sets(st.sampled_from([(p.colocation_id, p.slot) for p in drawn.placements])))
    spread = [p for p in drawn.placements if p.colocation_id != 99]
    targets = {at: draw(st.integers(1, len(drawn.workers))) for at in sorted(moved)}
    moves = [
        PlannedMove(p.shardid, p.table, p.groupid, targets[p.colocation_id, p.slot], p.bytes)
        for p in spread
        if targets.get((p.colocation_id, p.slot), p.groupid) != p.groupid
    ]
    return drawn, Plan(tuple(moves))
