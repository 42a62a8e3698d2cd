"""Whether a change of the nodes can come to its end: refused before anything is changed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import tenacity

from citus.database import moves
from citus.database.connections import PATIENCE_SECONDS
from citus.database.membership_plan import AUTO, MembershipSpec, Worker
from citus.endpoint import Address
from citus.errors import Refused

if TYPE_CHECKING:
    from citus.database.executor import Database

_ANSWERS = """
SELECT name, citus_check_connection_to_node(host, port)
FROM unnest(%s::text[], %s::text[], %s::int[]) AS t(name, host, port)"""
_COPIES = f"""
SELECT coalesce(max(replicationfactor), 0) FROM pg_dist_colocation
WHERE colocationid IN (SELECT p.colocationid FROM {moves.SHARDS} ANY(%s))"""
# As Citus asks before a move by logical replication.
_NO_IDENTITY = """
SELECT DISTINCT format('%%I.%%I', n.nspname, c.relname)
FROM pg_dist_placement JOIN pg_dist_shard USING (shardid)
     JOIN pg_dist_partition p USING (logicalrelid)
     JOIN pg_class c ON c.oid = logicalrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE (%s::int[] IS NULL OR groupid = ANY(%s) OR %s AND p.partmethod = 'n' AND p.repmodel = 't')
  AND c.relkind <> 'p' AND c.relreplident <> 'f' AND NOT EXISTS (
    SELECT FROM pg_index i WHERE i.indrelid = c.oid
    AND CASE c.relreplident WHEN 'd' THEN i.indisprimary WHEN 'i' THEN i.indisreplident END)
ORDER BY 1"""
_BYTES = """
SELECT coalesce(sum(shard_size), 0)::bigint FROM citus_shards
WHERE nodename || ':' || nodeport = ANY(%s) AND citus_table_type <> 'reference'"""
# What a node may take in: Citus leaves so many percent of each disk free.
_FREE = """
SELECT n.groupid, r.success, r.result
FROM run_command_on_workers($$SELECT greatest(0, available_disk_size - total_disk_size *
    coalesce(current_setting(
        'citus.desired_percent_disk_available_after_move', true), '10')::numeric
    / 100)::bigint
    FROM citus_local_disk_space_stats()$$) r
JOIN pg_dist_node n ON (n.nodename, n.nodeport) = (r.nodename, r.nodeport)"""


def require_answers(database: Database, workers: Mapping[str, Address]) -> None:
    """Refuse where a worker is down: Citus changes nodes only when it reaches them all.

    One that has just come up gets a while.
    """
    for attempt in tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(Refused),
        wait=tenacity.wait_fixed(1),
        stop=tenacity.stop_after_delay(PATIENCE_SECONDS),
        reraise=True,
    ):
        with attempt:
            _require_answers(database, workers)


def require_lost(database: Database, workers: Mapping[str, Address]) -> None:
    """Refuse to give up a node that answers."""
    if found := [name for name, answered in _answers(database, workers) if answered]:
        raise Refused(
            f"{' and '.join(found)} can't be given up: it answers. Take it out of "
            "citus:lostWorkers, and its shards move to the other workers before it goes"
        )


def _answers(database: Database, workers: Mapping[str, Address]) -> list[tuple[str, bool]]:
    hosts, ports = [w.host for w in workers.values()], [w.port for w in workers.values()]
    return [(name, ok) for name, ok in database.rows(_ANSWERS, [*workers], hosts, ports)]


def _require_answers(database: Database, workers: Mapping[str, Address]) -> None:
    silent = [f"{n} ({workers[n]})" for n, answered in _answers(database, workers) if not answered]
    if silent:
        do, it = ("does", "it") if len(silent) == 1 else ("do", "them")
        raise Refused(
            f"{' and '.join(silent)} {do} not answer, and the nodes can't be changed without {it}: "
            f"start {it}, then run this again; nothing was changed. docs/kinds.md tells how to "
            "give up a worker that is lost for good"
        )


def require_room(database: Database, found: MembershipSpec, new: MembershipSpec) -> None:
    """Refuse where shards can't move off the nodes that leave, or tables to those that join."""
    leaving = {
        n: w for n, w in found.workers.items() if n not in {*new.workers, *new.lost} and w.shards
    }
    joins = bool(new.workers.keys() - found.workers.keys())
    if new.shard_transfer_mode == AUTO:
        require_identity(database, [w.groupid for w in leaving.values()], joins=joins)
    if leaving:
        _require_nodes(database, leaving, new)
        _require_space(database, leaving, new)


def _require_nodes(database: Database, leaving: Mapping[str, Worker], new: MembershipSpec) -> None:
    shards = sum(worker.shards or 0 for worker in leaving.values())
    held = f"{' and '.join(leaving)} can't leave: {shards} shards would have to move"
    if not new.workers:
        raise Refused(f"{held}, and no other worker may hold them")
    [(copies,)] = database.rows(_COPIES, [worker.groupid for worker in leaving.values()])
    if copies > len(new.workers):
        raise Refused(
            f"{held}, of which there are {copies} copies each on nodes of their own, and only "
            f"{len(new.workers)} would be left: keep {copies} workers"
        )


def require_identity(
    database: Database, groups: Sequence[int] | None = None, *, joins: bool
) -> None:
    """Refuse tables that can't move online off nodes of some *groups*, by default of all."""
    tables = [name for (name,) in database.rows(_NO_IDENTITY, groups, groups, joins)]
    if tables:
        raise Refused(
            f"{', '.join(tables)} can't move while it is written to, without a primary key: give "
            "it one (or ALTER TABLE … REPLICA IDENTITY FULL), or let writes wait meanwhile by "
            "`bin/pulumi config set shardTransferMode block_writes`; nothing was changed"
        )


def _require_space(database: Database, leaving: Mapping[str, Worker], new: MembershipSpec) -> None:
    [(needed,)] = database.rows(_BYTES, [str(worker.address) for worker in leaving.values()])
    groups = {worker.groupid for worker in new.workers.values()}
    free = sum(
        json.loads(result)
        for group, success, result in database.rows(_FREE)
        if success and group in groups
    )
    if needed > free:
        raise Refused(
            f"{' and '.join(leaving)} can't leave: {_megabytes(needed)} would have to move, and "
            f"the other workers have room for {_megabytes(free)} (Citus leaves a part of each "
            "disk free: citus.desired_percent_disk_available_after_move)"
        )


def _megabytes(size: int) -> str:
    return f"{size / 2**20:,.0f} MB"
