"""What ``pg_dist_partition`` and its neighbours say of one table."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, LiteralString

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
# alter_distributed_table and undistribute_table make a new table and drop the old one.
# Citus carries over what it knows to carry over: these it does not.
_LOST_BY_REWRITE = """
WITH RECURSIVE rewritten AS (
    SELECT logicalrelid::oid AS oid FROM pg_dist_partition
    WHERE logicalrelid = to_regclass(%s) OR (colocationid = %s AND partmethod = 'h')
), commented AS (
    SELECT 'pg_class'::regclass AS classoid, oid FROM rewritten
    UNION ALL SELECT 'pg_class'::regclass, indexrelid FROM pg_index
              WHERE indrelid IN (SELECT oid FROM rewritten)
    UNION ALL SELECT 'pg_constraint'::regclass, oid FROM pg_constraint
              WHERE conrelid IN (SELECT oid FROM rewritten)
), views AS (
    SELECT oid FROM rewritten
    UNION SELECT r.ev_class FROM views
          JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = views.oid
          JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
)
SELECT 'the comment on ' || pg_describe_object(classoid, objoid, objsubid)
FROM pg_description WHERE (classoid, objoid) IN (SELECT classoid, oid FROM commented)
UNION ALL
SELECT 'the grants on ' || pg_describe_object('pg_class'::regclass, oid, 0) FROM pg_class
WHERE oid IN (SELECT oid FROM views EXCEPT SELECT oid FROM rewritten) AND relacl IS NOT NULL
UNION ALL
SELECT 'foreign key ' || conname || ' of ' || conrelid::regclass FROM pg_constraint
WHERE contype = 'f' AND confrelid IN (SELECT oid FROM rewritten)
  AND conrelid NOT IN (SELECT logicalrelid FROM pg_dist_partition)
UNION ALL
SELECT DISTINCT pg_describe_object(d.classid, d.objid, 0) FROM pg_depend d
WHERE d.classid = 'pg_proc'::regclass AND (
    d.refclassid = 'pg_class'::regclass AND d.refobjid IN (SELECT oid FROM views)
    OR d.refclassid = 'pg_type'::regclass AND d.refobjid IN (
        SELECT unnest(ARRAY[t.oid, t.typarray]) FROM pg_type t
        WHERE t.typrelid IN (SELECT oid FROM views)))
ORDER BY 1"""
_FOREIGN_KEYS = """
SELECT 'foreign key ' || f.conname FROM pg_constraint f
JOIN pg_dist_partition p
  ON p.logicalrelid = CASE f.conrelid WHEN to_regclass(%s) THEN f.confrelid ELSE f.conrelid END
WHERE f.contype = 'f' AND f.conparentid = 0 AND p.partmethod = 'h'
  AND to_regclass(%s) IN (f.conrelid, f.confrelid) AND f.conrelid <> f.confrelid
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
    distribution = HASH if method == "h" else REFERENCE if replication == "t" else SINGLE_SHARD
    spec = replace(
        wanted,
        distribution=distribution,
        distribution_column=column or "",
        shard_count=wanted.shard_count and shard_count,
        colocate_with=_colocation(database, wanted, colocation_id),
        rewrite_loses=_texts(database, _LOST_BY_REWRITE, wanted.regclass, colocation_id),
        foreign_keys=_texts(database, _FOREIGN_KEYS, wanted.regclass, wanted.regclass),
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


def _colocation(database: Database, wanted: TableSpec, colocation_id: int) -> str:
    """Tell it in the words in which it is declared; the default is whatever Citus chose."""
    if wanted.colocate_with == DEFAULT:
        return DEFAULT
    rows = database.rows(_COLOCATED, colocation_id, wanted.regclass)
    others = [name for name in (qualified(*row) for row in rows) if name not in wanted.followers]
    return wanted.colocate_with if wanted.colocate_with in others else (others or [NONE])[0]


def _fits(database: Database, wanted: TableSpec) -> bool | None:
    if wanted.colocate_with in (DEFAULT, NONE):
        return None
    own, other = (
        database.rows(_LAYOUT, table)[0][0] for table in (wanted.regclass, wanted.colocate_with)
    )
    return bool(own == other)


def _texts(database: Database, query: LiteralString, *values: object) -> tuple[str, ...]:
    return tuple(str(row[0]) for row in database.rows(query, *values))
