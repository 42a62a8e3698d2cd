"""What is drawn alike: each colocation group, all distributed schemas, all reference tables. Pure.

Each has a key, a letter that stands in its boxes, so that nothing is told by colour alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tools.live_cluster.sizes import Size

if TYPE_CHECKING:
    from tools.live_cluster.values import Cluster, Placement, Table

Kind = Literal["distributed", "single shard", "schema", "reference"]
_LETTERS = "ABCDEFGHIJKLMNOPQ"  # the others stand for a kind
_KEYS = {"single shard": "T", "schema": "S", "reference": "R"}
_NAMED = 3  # tables that a title names, before it counts the rest


@dataclass(frozen=True)
class Group:
    """Tables that share a colour; ``tone`` counts those of distributed tables, from 0."""

    kind: Kind
    key: str
    tone: int
    title: str
    size: Size
    tables: tuple[Table, ...]


@dataclass(frozen=True)
class ShardGroup:
    """Shards that are on one node and move together, under the label of their box."""

    label: str
    placements: tuple[Placement, ...]


def groups_of(cluster: Cluster) -> list[Group]:
    """Give them all: distributed tables, the largest first, then those of the other kinds."""
    by_id: dict[int, list[Table]] = {}
    by_kind: dict[Kind, list[Table]] = {"single shard": [], "schema": [], "reference": []}
    for table in cluster.tables:
        if table.kind == "distributed":
            by_id.setdefault(table.colocation_id, []).append(table)
        elif table.kind != "local":
            by_kind[table.kind].append(table)
    largest_first = sorted(by_id.values(), key=lambda tables: -_size(cluster, tables).bytes)
    distributed = [
        _group(cluster, "distributed", tables, tone) for tone, tables in enumerate(largest_first)
    ]
    others = [_group(cluster, kind, tables) for kind, tables in by_kind.items() if tables]
    return [*distributed, *others]


def held(cluster: Cluster, group: Group, groupid: int) -> list[ShardGroup]:
    """Give what a node holds of a group, in the order of the shards' hash ranges and names."""
    tables = {table.qualified: table for table in group.tables}
    together: dict[tuple[str, int], list[Placement]] = {}
    for placement in cluster.on(groupid):
        if placement.table in tables:
            name = _name(group, tables[placement.table])
            together.setdefault((name, placement.slot), []).append(placement)
    return [
        ShardGroup(name or f"{group.key}{slot}", tuple(placements))
        for (name, slot), placements in sorted(together.items())
    ]


def _name(group: Group, table: Table) -> str:
    """Give the name that a box goes by; nothing where it is one of many shards."""
    names = {"schema": table.schema, "reference": table.qualified, "single shard": table.qualified}
    return names.get(group.kind, "")


def _group(cluster: Cluster, kind: Kind, tables: list[Table], tone: int = 0) -> Group:
    key = _KEYS.get(kind) or _letters(tone)
    return Group(kind, key, tone, _title(kind, tables), _size(cluster, tables), tuple(tables))


def _title(kind: Kind, tables: list[Table]) -> str:
    names = _listed([table.qualified for table in tables])
    if kind == "distributed":
        each = " each" if len(tables) > 1 else ""
        return f"{names}: {counted(tables[0].shard_count, 'shard')}{each}"
    if kind == "schema":
        return counted(len({table.schema for table in tables}), "distributed schema")
    return f"one shard: {names}" if kind == "single shard" else f"on every node: {names}"


def _size(cluster: Cluster, tables: list[Table]) -> Size:
    names = {table.qualified for table in tables}
    return Size.of(p.bytes for p in cluster.placements if p.table in names)


def counted(number: int, what: str) -> str:
    """Write a number of things: ``1 shard``, ``2 shards``."""
    return f"{number} {what}{'s' * (number != 1)}"


def _listed(names: list[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _letters(number: int) -> str:
    """Number by letters: A, B, … then AA, AB, …."""
    rest, letter = divmod(number, len(_LETTERS))
    return (_letters(rest - 1) if rest else "") + _LETTERS[letter]
