"""Moves of shards, as Citus tells of them: what runs, how far it is, and what it has left."""

from __future__ import annotations

from citus.database.wait import Wait

AUTO = "auto"  # online, by logical replication; a table without a replica identity is refused
# The shards that a move of this moment has to bring, and how many bytes are there.
PROGRESS = """
SELECT format('shards moved: %s of %s, %s of %s',
    count(*) FILTER (WHERE progress = 2), count(*),
    pg_size_pretty(coalesce(sum(target_shard_size), 0)::bigint),
    pg_size_pretty(coalesce(sum(greatest(shard_size, target_shard_size)), 0)::bigint))
FROM get_rebalance_progress() HAVING count(*) > 0"""
# Citus tries a task that has failed for half an hour; the first failure is told at once.
_JOB = """
SELECT j.state::text = 'finished' AS done,
    CASE WHEN t.failure IS NOT NULL THEN format('rebalance, job %s: %s', j.job_id, t.failure)
         WHEN j.state::text IN ('cancelled', 'failed')
         THEN format('rebalance, job %s: it was %s', j.job_id, j.state) END AS failure,
    concat_ws(', ', format('rebalance, job %s: %s of %s moves done', j.job_id, t.done, t.moves),
        pg_size_pretty(m.bytes) || ' of the ' || pg_size_pretty(m.size) || ' that move now')
        AS line,
    'about ' || round(extract(epoch FROM now() - j.started_at) * (t.moves - t.done)
        / nullif(t.done, 0)) || ' s left' AS remaining
FROM pg_dist_background_job j,
    LATERAL (
        SELECT count(*) AS moves, count(*) FILTER (WHERE status::text = 'done') AS done,
            min(split_part(message, E'\\nCONTEXT', 1)) FILTER (
                WHERE status::text = 'error' OR status::text = 'runnable' AND retry_count > 0)
                AS failure
        FROM pg_dist_background_task task WHERE task.job_id = j.job_id) AS t,
    LATERAL (
        SELECT sum(target_shard_size)::bigint AS bytes, sum(shard_size)::bigint AS size
        FROM get_rebalance_progress()) AS m
WHERE """
_PATIENCE_SECONDS = 3600  # while an index of a large shard is built its bytes stand still
_MORE = "stop it by SELECT citus_rebalance_stop(), or let it end, and run this again"
# A job that runs already is somebody else's: that a task of it has failed is told, and Citus tries
# that again; it ends or is stopped by whoever began it.
NONE_RUNNING = Wait(
    f"""
SELECT done, NULL AS failure, coalesce(failure, line), remaining FROM (
    SELECT 1 AS rank, job.* FROM ({_JOB} j.job_type = 'rebalance'
        AND j.state::text NOT IN ('finished', 'cancelled', 'failed')) AS job
    UNION ALL
    SELECT 2, false, NULL, format('shards that move already: %s of %s done, %s',
        count(*) FILTER (WHERE progress = 2), count(*),
        pg_size_pretty(sum(target_shard_size)::bigint)), NULL
    FROM get_rebalance_progress() HAVING count(*) > 0
    UNION ALL
    SELECT 3, true, NULL, NULL, NULL) AS any_move
ORDER BY rank LIMIT 1""",
    patience=_PATIENCE_SECONDS,
    when_over=_MORE,
)
JOB_DONE = Wait(
    f"{_JOB} j.job_id = {{value}}",
    patience=_PATIENCE_SECONDS,
    when_over=_MORE,
    stops="SELECT citus_rebalance_stop()",
)
IS_DISTRIBUTED = "NOT (p.partmethod = 'n' AND p.repmodel = 't')"  # and no reference table
SHARDS = f"""pg_dist_placement JOIN pg_dist_shard USING (shardid)
    JOIN pg_dist_partition p USING (logicalrelid)
    WHERE {IS_DISTRIBUTED} AND groupid = """


def metadata_synced(groupid: int, name: str) -> Wait:
    """Wait until Citus' maintenance daemon has told a node at a new address of the others."""
    return Wait(
        f"SELECT coalesce(bool_and(metadatasynced), true), NULL, 'the nodes are told to {name}'"
        f" FROM pg_dist_node WHERE groupid = {groupid} AND isactive",
        patience=60,
        when_over=f"look into the log of the coordinator and whether {name} answers",
    )


def drained(groupid: int, name: str) -> Wait:
    """Wait until a node has no shard of a distributed table."""
    return Wait(
        f"SELECT count(*) = 0, NULL, format('{name} still has %s shards', count(*)) FROM {SHARDS}"
        f"{groupid}",
        patience=60,
        when_over="Citus has left them there: run this again",
    )


def cleaned_up(groupid: int, name: str) -> Wait:
    """Wait until nothing is recorded to be dropped on a node."""
    return Wait(
        f"SELECT count(*) = 0, NULL, format('%s objects are to be dropped on {name}', count(*))"
        f" FROM pg_dist_cleanup WHERE node_group_id = {groupid}",
        patience=120,
        when_over="a session may use them still: look into pg_stat_activity of that node",
    )
