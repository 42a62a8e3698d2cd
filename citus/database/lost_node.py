"""A node that is lost for good: its shards are made anew, empty, on the others.

Citus removes no node that has the only copy of a shard, and a table that lacks a shard can hardly
be read or changed. So each shard that is lost gets an empty table on a node that may hold it, as
Citus makes it, and is said to be there; then the node goes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from citus.database.statement import Statement, Value

if TYPE_CHECKING:
    from citus.database.executor import Database

# The shards that only this node has, and where they are made: those that belong together, together.
_LOST = """
lost AS (
    SELECT s.shardid, s.logicalrelid, s.shardminvalue, t.colocationid, homes.ids[1 + (dense_rank()
        OVER (ORDER BY t.colocationid, s.shardminvalue) - 1) % cardinality(homes.ids)] AS home
    FROM pg_dist_placement p JOIN pg_dist_shard s USING (shardid)
        JOIN pg_dist_partition t USING (logicalrelid), (
        SELECT array_agg(groupid ORDER BY groupid) AS ids FROM pg_dist_node
        WHERE noderole = 'primary' AND isactive AND shouldhaveshards) AS homes
    WHERE p.groupid = {groupid} AND NOT EXISTS (
        SELECT FROM pg_dist_placement other
        WHERE other.shardid = p.shardid AND other.groupid <> p.groupid))"""
_MAKE_EMPTY = f"""
WITH {_LOST}, ddl AS (
    SELECT l.home, l.shardid, 1 AS rank, 0::bigint AS step,
        format('DO %L', format($$BEGIN
            PERFORM set_config('citus.enable_manual_changes_to_shards', 'on', true);
            DROP TABLE IF EXISTS %s CASCADE; END$$, shard_name(l.logicalrelid, l.shardid)))
            AS command
    FROM lost l
    UNION ALL
    SELECT l.home, l.shardid, 2, d.step, format('SELECT worker_apply_shard_ddl_command(%s, %L, %L)',
        l.shardid, c.relnamespace::regnamespace, d.command)
    FROM lost l JOIN pg_class c ON c.oid = l.logicalrelid, LATERAL
        master_get_table_ddl_events(l.logicalrelid::text) WITH ORDINALITY AS d (command, step)
    UNION ALL
    SELECT l.home, l.shardid, 3, 0, format(
        'SELECT worker_apply_inter_shard_ddl_command(%s, %L, %s, %L, %L)',
        ps.shardid, parent.relnamespace::regnamespace, l.shardid, c.relnamespace::regnamespace,
        format('ALTER TABLE %s ATTACH PARTITION %s %s', parent.oid::regclass, c.oid::regclass,
            pg_get_expr(c.relpartbound, c.oid)))
    FROM lost l JOIN pg_class c ON c.oid = l.logicalrelid AND c.relispartition
        JOIN pg_inherits i ON i.inhrelid = c.oid JOIN pg_class parent ON parent.oid = i.inhparent
        JOIN pg_dist_shard ps ON ps.logicalrelid = parent.oid
            AND ps.shardminvalue IS NOT DISTINCT FROM l.shardminvalue
    UNION ALL
    SELECT l.home, l.shardid, 4, f.oid::bigint, format(
        'SELECT worker_apply_inter_shard_ddl_command(%s, %L, %s, %L, %L)',
        l.shardid, c.relnamespace::regnamespace, os.shardid, other.relnamespace::regnamespace,
        format('ALTER TABLE %s ADD CONSTRAINT %I %s', f.conrelid::regclass, f.conname,
            pg_get_constraintdef(f.oid)))
    FROM lost l JOIN pg_class c ON c.oid = l.logicalrelid
        JOIN pg_constraint f ON f.conrelid = c.oid AND f.contype = 'f' AND f.conparentid = 0
        JOIN pg_class other ON other.oid = f.confrelid
        JOIN pg_dist_partition ot ON ot.logicalrelid = other.oid
        JOIN pg_dist_shard os ON os.logicalrelid = other.oid AND (
            ot.repmodel = 't' OR os.shardminvalue IS NOT DISTINCT FROM l.shardminvalue)),
calls AS (
    SELECT array_agg(n.nodename ORDER BY rank, shardid, step) AS hosts,
        array_agg(n.nodeport ORDER BY rank, shardid, step) AS ports,
        array_agg(command ORDER BY rank, shardid, step) AS commands
    FROM ddl JOIN pg_dist_node n ON n.groupid = home AND n.noderole = 'primary')
SELECT r.node_name || ':' || r.node_port, r.success, r.result
FROM calls, LATERAL master_run_on_worker(hosts, ports, commands, false) AS r
WHERE commands IS NOT NULL"""
_MOVE_THERE = f"""
WITH {_LOST}
UPDATE pg_dist_placement p SET groupid = home FROM lost l
WHERE p.shardid = l.shardid AND p.groupid = {{groupid}}"""
_AT_STAKE = """
SELECT format('%%s (shards %%s)', s.logicalrelid::regclass,
    string_agg(s.shardid::text, ', ' ORDER BY s.shardid))
FROM pg_dist_placement p JOIN pg_dist_shard s USING (shardid)
WHERE p.groupid = ANY(%s) AND NOT EXISTS (
    SELECT FROM pg_dist_placement other
    WHERE other.shardid = p.shardid AND other.groupid <> ALL(%s))
GROUP BY s.logicalrelid ORDER BY s.logicalrelid::regclass::text"""


def set_aside(name: str, groupid: int) -> Statement:
    """Let nothing ask the node any more; all that are lost come first."""
    sql = "UPDATE pg_dist_node SET isactive = false WHERE groupid = {groupid}"
    return Statement(sql, {"groupid": groupid}, f"{name} is lost: nothing waits for it any more")


def given_up(name: str, host: str, port: int, groupid: int) -> Iterator[Statement]:
    """Make the shards anew that only this node had, and remove it."""
    group: dict[str, Value] = {"groupid": groupid}
    yield Statement(
        _MAKE_EMPTY.strip(),
        group,
        f"an empty table for each shard that only {name} had",
        every_node=True,
    )
    together = f"{name} is given up"
    yield Statement(
        _MOVE_THERE.strip(),
        group,
        f"the rows of the shards that only {name} had are lost",
        destroys_data=True,
        transaction=together,
    )
    steps: list[tuple[str, dict[str, Value], str]] = [
        (
            "DELETE FROM pg_dist_placement WHERE groupid = {groupid}",
            group,
            "other nodes have the rest",
        ),
        (
            "DELETE FROM pg_dist_cleanup WHERE node_group_id = {groupid}",
            group,
            "what was to be dropped there would be in the way of later moves",
        ),
        ("SELECT citus_remove_node({host}, {port})", {"host": host, "port": port}, together),
        (
            "UPDATE pg_dist_node SET metadatasynced = false WHERE groupid <> 0 AND isactive",
            {},
            "the workers are to be told where the shards are",
        ),
    ]
    for sql, values, why in steps:
        yield Statement(sql, values, why, transaction=together)
    yield Statement("SELECT start_metadata_sync_to_all_nodes()", why="and are told so at once")


def at_stake(database: Database, groups: list[int]) -> list[str]:
    """Name the tables, with the shards that only these nodes have."""
    return [str(row[0]) for row in database.rows(_AT_STAKE, groups, groups)] if groups else []
