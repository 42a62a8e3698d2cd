"""Whether a change of the nodes can come to its end: refused before anything is changed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from citus.database import moves
from citus.database.membership_plan import MembershipSpec, Worker
from citus.database.moves import AUTO
from citus.errors import Refused

if TYPE_CHECKING:
    from citus.database.executor import Database

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
# As Citus is set on the coordinator, where moves run; one that it doesn't know may be '' there.
_RESERVED = """
SELECT coalesce(nullif(current_setting('citus.desired_percent_disk_available_after_move', true),
        ''), '10'),
    coalesce(nullif(current_setting('citus.check_available_space_before_move', true),
        ''), 'on')::boolean"""
_ROOM = """
SELECT n.groupid, r.success, r.result
FROM run_command_on_workers($$SELECT
    (available_disk_size - total_disk_size * {} / 100)::bigint
    FROM citus_local_disk_space_stats()$$) r
JOIN pg_dist_node n ON (n.nodename, n.nodeport) = (r.nodename, r.nodeport)"""
_PRETTY = "SELECT pg_size_pretty(%s::bigint)"


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
    """Refuse where shards would go to a disk below what Citus keeps free, or all have too little.

    Which of the others gets how much, Citus decides on the way.
    """
    [(percent, asked)] = database.rows(_RESERVED)
    if not asked:
        return
    [(needed,)] = database.rows(_BYTES, [str(worker.address) for worker in leaving.values()])
    names = {worker.groupid: name for name, worker in new.workers.items()}
    rooms = {
        names[group]: int(json.loads(result))
        for group, success, result in database.rows(_ROOM.format(float(percent)))
        if success and group in names
    }
    if needed <= sum(rooms.values()) and min(rooms.values(), default=0) >= 0:
        return

    def pretty(size: int) -> str:
        return str(database.rows(_PRETTY, max(0, size))[0][0])

    there = ", ".join(f"{pretty(room)} on {name}" for name, room in sorted(rooms.items()))
    raise Refused(
        f"{' and '.join(leaving)} can't leave: {pretty(needed)} would have to move, and there is "
        f"room for {there}: Citus leaves {percent} % of each disk free "
        "(citus.desired_percent_disk_available_after_move, which citus:postgresqlConf may set)"
    )
