"""What a cluster holds at one moment: nodes, schemas, tables, and where each shard is. Pure.

Sizes are bytes with indexes and TOAST; ``None`` stands for one that its node did not tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeVar

from citus.endpoint import Address

K = TypeVar("K")
Kind = Literal["distributed", "single shard", "schema", "reference", "local"]
"""How Citus keeps a table. ``schema``: it is of a distributed schema; ``local``: it is not
distributed, and all of it is on the coordinator."""


@dataclass(frozen=True)
class Node:
    """A primary of pg_dist_node; ``silent`` says why it did not answer, and is empty if it did."""

    groupid: int
    name: str
    address: Address
    active: bool
    should_have_shards: bool
    metadata_synced: bool
    silent: str = ""

    @property
    def is_coordinator(self) -> bool:
        """Whether it is the node that all these values were read from."""
        return self.groupid == 0


@dataclass(frozen=True)
class Schema:
    """A schema; ``colocation_id`` is ``None`` where it is not distributed."""

    name: str
    owner: str
    colocation_id: int | None


@dataclass(frozen=True)
class Table:
    """A table under the name that regclass prints with its schema; a local one has no shards."""

    schema: str
    name: str
    qualified: str
    kind: Kind
    distribution_column: str | None
    colocation_id: int
    shard_count: int
    local_bytes: int | None = None


@dataclass(frozen=True)
class Placement:
    """One copy of a shard, on one node; ``slot`` is its place among its table's shards, from 0.

    Placements of one colocation group with the same slot are on the same node and move together.
    """

    shardid: int
    table: str
    colocation_id: int
    slot: int
    groupid: int
    bytes: int | None


@dataclass(frozen=True)
class Cluster:
    """All of it, in the order of groupid, name, and shardid."""

    database: str
    citus_version: str
    nodes: tuple[Node, ...]
    schemas: tuple[Schema, ...]
    tables: tuple[Table, ...]
    placements: tuple[Placement, ...]

    @property
    def workers(self) -> tuple[Node, ...]:
        """The nodes but the coordinator."""
        return tuple(node for node in self.nodes if not node.is_coordinator)

    @property
    def is_standin(self) -> bool:
        """Whether no real Citus answers: its rows, and sizes, are all the coordinator's."""
        return self.citus_version.endswith("-standin")

    def name_of(self, groupid: int) -> str:
        """Name a node; one that pg_dist_node has no more goes by its number."""
        names = (node.name for node in self.nodes if node.groupid == groupid)
        return next(names, f"group {groupid}")

    def on(self, groupid: int) -> tuple[Placement, ...]:
        """Give what a node holds."""
        return self._by_node.get(groupid, ())

    def of(self, table: Table) -> tuple[Placement, ...]:
        """Give the shards of a table, and of a reference table each copy."""
        return self._by_table.get(table.qualified, ())

    @cached_property
    def _by_node(self) -> dict[int, tuple[Placement, ...]]:
        return _sorted_into(self.placements, lambda placement: placement.groupid)

    @cached_property
    def _by_table(self) -> dict[str, tuple[Placement, ...]]:
        return _sorted_into(self.placements, lambda placement: placement.table)


def _sorted_into(
    placements: Iterable[Placement], key: Callable[[Placement], K]
) -> dict[K, tuple[Placement, ...]]:
    found: dict[K, list[Placement]] = {}
    for placement in placements:
        found.setdefault(key(placement), []).append(placement)
    return {name: tuple(those) for name, those in found.items()}
