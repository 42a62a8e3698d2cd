"""What ``CREATE INDEX CONCURRENTLY`` leaves where it is cut off: an index that is not valid.

PostgreSQL does not use it, Citus has it on no worker, and ``IF NOT EXISTS`` skips it.
"""

from __future__ import annotations

from citus.database.statement import literal
from citus.database.wait import Wait

_PATIENCE_SECONDS = 3600  # what is built on the workers shows no progress, and may be long
# One that is being built isn't valid yet; one of a partitioned table may stay so on purpose.
# What builds an index on Citus' workers shows no progress here: its query alone tells of it.
# Without IF EXISTS Citus fails on the workers, which don't have it.
_QUESTION = r"""
SELECT count(*) = 0,
    min(format('index %s is not valid, CREATE INDEX CONCURRENTLY was cut off: run DROP INDEX'
        ' CONCURRENTLY IF EXISTS %s; in `make psql`, then run this again', name, name))
        FILTER (WHERE blocks IS NULL AND builder IS NULL),
    min(format('index %s is being built by another session (%s)', name,
        coalesce('block ' || blocks, 'process ' || builder)))
FROM (SELECT format('%I.%I', nspname, c.relname) AS name,
        (SELECT min(blocks_done) FROM pg_stat_progress_create_index p
         WHERE p.index_relid = i.indexrelid AND datname = current_database()) AS blocks,
        (SELECT min(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND state = 'active'
           AND query ~* '\m(index|reindex)\M.*\mconcurrently\M' AND query !~* '^\s*select'
           AND (strpos(lower(query), lower(c.relname)) > 0
             OR strpos(lower(query), lower(t.relname)) > 0)) AS builder
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
        JOIN pg_class t ON t.oid = i.indrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE NOT indisvalid AND c.relkind = 'i' AND nspname = {schema}) AS invalid"""


def all_valid(schema: str) -> Wait:
    """Wait for those of a schema that are being built; it fails by the name of one cut off."""
    return Wait(
        _QUESTION.replace("{schema}", literal(schema)),
        patience=_PATIENCE_SECONDS,
        when_over="let it end, then run this again",
    )
