"""What a cluster holds: its distributed schemas, and its tables. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tools.live_cluster.sizes import Size
from tools.status.grid import Row, fill, grid

if TYPE_CHECKING:
    from rich.console import RenderableType

    from tools.live_cluster.values import Cluster, Schema, Table


def schemas(cluster: Cluster, at_most: int | None) -> Iterator[RenderableType]:
    """Show where each distributed schema is; nothing where there is none."""
    rows = [_schema(cluster, s) for s in cluster.schemas if s.colocation_id is not None]
    if rows:
        table = grid("distributed schema", "owner", "on", ">tables", ">size")
        yield fill(table, rows, at_most)


def tables(cluster: Cluster, at_most: int | None) -> Iterator[RenderableType]:
    """Show each table, where its rows go by, and how evenly its shards are spread."""
    rows = [_table(cluster, table) for table in cluster.tables]
    if rows:
        table = grid("table", "kind", "by", ">colocation", ">shards", "per node", ">size")
        yield fill(table, rows, at_most)


def _schema(cluster: Cluster, schema: Schema) -> Row:
    held = [p for p in cluster.placements if p.colocation_id == schema.colocation_id]
    homes = sorted({cluster.name_of(p.groupid) for p in held})
    size = Size.of(p.bytes for p in held)
    where = ", ".join(homes) or "no node yet"
    return Row(size.bytes, [schema.name, schema.owner, where, str(len(held)), str(size)])


def _table(cluster: Cluster, table: Table) -> Row:
    held = cluster.of(table)
    size = Size.of([p.bytes for p in held] if held else [table.local_bytes])
    cells = [table.qualified, table.kind, table.distribution_column or ""]
    cells += [str(table.colocation_id or ""), str(table.shard_count or "")]
    # Those of distributed schemas can be a hundred, and stand above already.
    rank = int(table.kind == "schema")
    return Row(size.bytes, [*cells, _spread(cluster, table), str(size)], rank)


def _spread(cluster: Cluster, table: Table) -> str:
    """Tell how many shards the nodes have: ``10-11``; or the node, if all is on one."""
    counts = Counter(p.groupid for p in cluster.of(table))
    if not counts:
        return "coordinator"
    if len(counts) == 1:
        return cluster.name_of(*counts)
    homes = [n.groupid for n in cluster.workers if n.should_have_shards or n.groupid in counts]
    least, most = (choose(counts[home] for home in homes) for choose in (min, max))
    return str(most) if least == most else f"{least}-{most}"
