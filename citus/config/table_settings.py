"""A table of the user's own and how Citus spreads it, as a stack's config declares it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TableName:
    """A table and the schema it is in, both unquoted."""

    schema: str
    table: str

    def __str__(self) -> str:
        return f"{self.schema}.{self.table}"


@dataclass(frozen=True)
class TableSettings:
    """One table and how it is spread.

    Attributes:
        schema: Its schema, which is its owner's name and its folder in sql/ too.
        table: Its name there.
        reference: Whether it is a reference table, whole on every node.
        distribution_column: The column that decides a row's shard; a table that has none and is
            no reference table is a single-shard table.
        shard_count: How many shards it has; None for Citus' own choice.
        colocate_with: ``default``, ``none``, or an earlier table that its shards lie beside.
        concurrently: Whether it can be written to while it is distributed.
        on_delete: What becomes of it when it is no longer declared: retain, undistribute, drop.
    """

    schema: str
    table: str
    reference: bool = False
    distribution_column: str | None = None
    shard_count: int | None = None
    colocate_with: str | TableName = "default"
    concurrently: bool = False
    on_delete: str = "retain"

    @property
    def name(self) -> TableName:
        """Its full name."""
        return TableName(self.schema, self.table)

    @property
    def single_shard(self) -> bool:
        """Whether all its rows are in one shard on one node."""
        return not self.reference and self.distribution_column is None
