"""Moves of shards, as Citus tells of them: what runs, how far it is, and what it has left."""

from __future__ import annotations

from citus.database.wait import Wait

# The shards that a move of this moment has to bring, and how many bytes are there.
PROGRESS = """
SELECT format('shards moved: %s of %s, %s of %s',
    count(*) FILTER (WHERE progress = 2), count(*),
    pg_size_pretty(coalesce(sum(target_shard_size), 0)::bigint),
    pg_size_pretty(coalesce(sum(greatest(shard_size, target_shard_size)), 0)::bigint))
FROM get_rebalance_progress() HAVING count(*) > 0"""
_JOBS = """pg_dist_background_job WHERE job_type = 'rebalance'
    AND state::text NOT IN ('finished', 'cancelled', 'failed')"""
_STOP = "stop it by SELECT citus_rebalance_stop(), or let it end, and run this again"
# A job that fails again and again stands still, and so does a drain that waits for a lock.
NONE_RUNNING = Wait(
    f"""
SELECT jobs.count = 0 AND moves.count = 0, NULL, format(
    'a move of shards that runs already goes first (%s of %s shards moved, %s)',
    moves.done, moves.count, pg_size_pretty(moves.bytes))
FROM (SELECT count(*) FROM {_JOBS}) AS jobs,
     (SELECT count(*), count(*) FILTER (WHERE progress = 2) AS done,
             coalesce(sum(target_shard_size), 0)::bigint AS bytes
      FROM get_rebalance_progress()) AS moves""",
    when_over=_STOP,
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
