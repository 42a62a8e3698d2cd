"""A table as Citus spreads it: by a column over many shards, in one shard, or on every node."""

from __future__ import annotations

from dataclasses import dataclass, field

from citus.database.statement import identifier
from citus.database.tracked import RETAIN
from citus.endpoint import Endpoint

HASH = "hash"
SINGLE_SHARD = "single shard"
REFERENCE = "reference"
DEFAULT = "default"  # Citus colocates by the column's type and the number of shards
NONE = "none"


@dataclass(frozen=True)
class TableSpec:
    """A table of ``pg_dist_partition``.

    Attributes:
        endpoint: The coordinator's.
        schema: Its schema's name.
        name: Its own name.
        distribution: `HASH`, `SINGLE_SHARD` or `REFERENCE`.
        distribution_column: By whose hash a row finds its shard; empty for the other two.
        shard_count: How many shards are declared (``pg_dist_colocation.shardcount``); ``None``
            for Citus' choice, which is then not tracked.
        colocate_with: A table as SQL names it; `DEFAULT` and `NONE` say how the table is made, and
            what joins it later is not tracked.
        concurrently: Whether it is made without blocking writes.
        on_delete: What becomes of it when it is no longer declared.
        followers: The tables that are declared to be colocated with it; not tracked here.
        beside: (observed) The tables that are colocated with it.
        rewrite_loses: (observed) What a rewrite of it and the tables colocated with it takes away.
        foreign_keys: (observed) Those to and from distributed tables, itself among them, which a
            rewrite of this table alone takes away.
        fits: (observed) Whether its shards lie as those of *colocate_with*; ``None`` if not known.
    """

    endpoint: Endpoint
    schema: str
    name: str
    distribution: str = HASH
    distribution_column: str = ""
    shard_count: int | None = None
    colocate_with: str = DEFAULT
    concurrently: bool = False
    on_delete: str = RETAIN
    followers: tuple[str, ...] = field(default=(), compare=False)
    beside: tuple[str, ...] = field(default=(), compare=False)
    rewrite_loses: tuple[str, ...] = field(default=(), compare=False)
    foreign_keys: tuple[str, ...] = field(default=(), compare=False)
    fits: bool | None = field(default=None, compare=False)

    @property
    def title(self) -> str:
        """Name it in a sentence."""
        return f"table {self.schema}.{self.name}"

    @property
    def regclass(self) -> str:
        """Name it in SQL."""
        return qualified(self.schema, self.name)


def qualified(schema: str, name: str) -> str:
    """Give a table's name with its schema, each quoted where PostgreSQL needs it."""
    return f"{identifier(schema)}.{identifier(name)}"
