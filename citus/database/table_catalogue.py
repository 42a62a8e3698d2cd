"""What ``pg_dist_partition`` and its neighbours say of one table."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from citus.database import losses
from citus.database.table import (
    DEFAULT,
    HASH,
    NONE,
    REFERENCE,
    SINGLE_SHARD,
    TableSpec,
    qualified,
)
from citus.database.tracked import Observed
from citus.errors import Refused

if TYPE_CHECKING:
    from citus.database.executor import Database

_TABLE = """
SELECT p.partmethod, p.repmodel, column_to_column_name(p.logicalrelid, p.partkey),
       p.colocationid, c.shardcount
FROM pg_dist_partition p LEFT JOIN pg_dist_colocation c USING (colocationid)
WHERE p.logicalrelid = to_regclass(%s)"""
_COLOCATED = """
SELECT n.nspname, c.relname
FROM pg_dist_partition p JOIN pg_class c ON c.oid = p.logicalrelid
     JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE p.colocationid = %s AND p.logicalrelid <> to_regclass(%s) AND NOT c.relispartition
ORDER BY 1, 2"""
_FOREIGN_KEYS = """
SELECT 'foreign key ' || f.conname FROM pg_constraint f
JOIN pg_dist_partition p
  ON p.logicalrelid = CASE f.conrelid WHEN to_regclass(%s) THEN f.confrelid ELSE f.conrelid END
WHERE f.contype = 'f' AND f.conparentid = 0 AND p.partmethod = 'h'
  AND to_regclass(%s) IN (f.conrelid, f.confrelid)
ORDER BY 1"""
# Where the shards of two tables lie, in the order of their ranges.
_LAYOUT = """
SELECT array_agg((shardminvalue, shardmaxvalue, groupid)::text ORDER BY shardminvalue::bigint)
FROM pg_dist_shard JOIN pg_dist_placement USING (shardid) WHERE logicalrelid = to_regclass(%s)"""


def observe(database: Database, wanted: TableSpec) -> Observed[TableSpec] | None:
    """Read the table; ``None`` where it is an ordinary one, or not there."""
    rows = database.rows(_TABLE, wanted.regclass)
    if not rows:
        return None
    method, replication, column, colocation_id, shard_count = rows[0]
    if method == "n" and replication != "t" and colocation_id == 0:
        return None  # a local table that Citus knows of
    rows = database.rows(_COLOCATED, colocation_id, wanted.regclass)
    # Reference tables share one group, and are none the less rewritten alone.
    beside = tuple(qualified(*row) for row in rows) if replication != "t" else ()
    distribution = HASH if method == "h" else REFERENCE if replication == "t" else SINGLE_SHARD
    spec = replace(
        wanted,
        distribution=distribution,
        distribution_column=column or "",
        shard_count=wanted.shard_count and shard_count,
        colocate_with=_colocation(wanted, beside),
        beside=beside,
        rewrite_loses=losses.of_rewrite(database, [wanted.regclass, *beside]),
        foreign_keys=_foreign_keys(database, wanted),
        fits=None if database.lenient else _fits(database, wanted),
    )
    return Observed(spec, {"colocation_id": colocation_id})


def require(database: Database, wanted: TableSpec) -> None:
    """Refuse a table that is not there, and a partition, which only its parent distributes.

    ``create_distributed_table_concurrently`` of a partition would never end.
    """
    query = "SELECT relispartition FROM pg_class WHERE oid = to_regclass(%s)"
    rows = database.rows(query, wanted.regclass)
    if not rows:
        raise Refused(
            f"{wanted.title} does not exist: a file in sql/{wanted.schema}/ has to make it first"
        )
    if rows[0][0]:
        raise Refused(f"{wanted.title} is a partition: declare the table that it is part of")


def _colocation(wanted: TableSpec, beside: tuple[str, ...]) -> str:
    """Tell it in the words in which it is declared."""
    if wanted.colocate_with in (DEFAULT, NONE, *beside):
        return wanted.colocate_with
    return (beside or (NONE,))[0]


def _fits(database: Database, wanted: TableSpec) -> bool | None:
    if wanted.colocate_with in (DEFAULT, NONE):
        return None
    own, other = (
        database.rows(_LAYOUT, table)[0][0] for table in (wanted.regclass, wanted.colocate_with)
    )
    return bool(own == other)


def _foreign_keys(database: Database, wanted: TableSpec) -> tuple[str, ...]:
    rows = database.rows(_FOREIGN_KEYS, wanted.regclass, wanted.regclass)
    return tuple(str(row[0]) for row in rows)
