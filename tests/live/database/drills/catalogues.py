"""All that a place's databases tell of it, without what differs from run to run."""

from __future__ import annotations

from typing import Any

from tests.live.database.place import Place

Seen = dict[str, list[tuple[Any, ...]]]
# Citus drops what a move has left, a table with a number, a while later.
_OWN = "n.nspname LIKE '{name}%' OR n.nspname IN ('ads', 'alone')"
_LASTING = f"({_OWN}) AND relname !~ '_[0-9]{{6}}$'"
_ALWAYS = {
    "extension": "SELECT extversion FROM pg_extension WHERE extname = 'citus'",
    "role": "SELECT rolcanlogin, rolconnlimit FROM pg_roles WHERE rolname = '{name}'",
    "columns": f"""SELECT n.nspname, c.relname, a.attname, a.atttypid::regtype::text
        FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid
            JOIN pg_namespace n ON n.oid = relnamespace
        WHERE attnum > 0 AND NOT attisdropped AND {_LASTING} ORDER BY 1, 2, attnum""",
}
_OF_CITUS = {
    "nodes": """SELECT groupid, nodeport, isactive, shouldhaveshards, metadatasynced
        FROM pg_dist_node ORDER BY 1""",
    "authinfo": """SELECT nodeid, result FROM run_command_on_all_nodes(
        $$SELECT json_agg(authinfo) FROM pg_dist_authinfo WHERE rolename = '{name}'$$)
        WHERE result <> '' ORDER BY 1""",
    "schemas": f"""SELECT n.nspname, pg_get_userbyid(nspowner), colocationid IS NOT NULL
        FROM pg_namespace n LEFT JOIN pg_dist_schema ON schemaid = n.oid WHERE {_OWN} ORDER BY 1""",
    "tables": f"""SELECT n.nspname, relname, partmethod, repmodel, shardcount,
            column_to_column_name(logicalrelid, partkey),
            (SELECT count(*) FROM pg_dist_shard s WHERE s.logicalrelid = p.logicalrelid),
            (SELECT string_agg(other.relname, ' ' ORDER BY other.relname)
             FROM pg_dist_partition o JOIN pg_class other ON other.oid = o.logicalrelid
             WHERE o.colocationid = p.colocationid AND other.relnamespace = n.oid)
        FROM pg_dist_partition p JOIN pg_class c ON c.oid = logicalrelid
            JOIN pg_namespace n ON n.oid = relnamespace
            LEFT JOIN pg_dist_colocation USING (colocationid) WHERE {_OWN} ORDER BY 1, 2""",
    "holders": """SELECT DISTINCT p.groupid FROM pg_dist_placement p JOIN pg_dist_shard
            USING (shardid) JOIN pg_class c ON c.oid = logicalrelid
            JOIN pg_namespace n ON n.oid = relnamespace
        WHERE n.nspname IN ('ads', 'alone') ORDER BY 1""",
    "left over": """SELECT node_group_id, object_name FROM pg_dist_cleanup
        WHERE node_group_id NOT IN (SELECT groupid FROM pg_dist_node) ORDER BY 1, 2""",
}
_LEDGER = """SELECT file, checksum FROM citus_pulumi.migrations
    WHERE schema_name = '{name}' ORDER BY 1"""
_TABLES = f"""SELECT format('%I.%I', n.nspname, relname) FROM pg_class c
    JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind = 'r' AND {_LASTING} ORDER BY 1"""


def seen(place: Place) -> Seen:
    """Read the catalogues, and count and sum up the rows of every table."""
    queries = dict(_ALWAYS)
    if place.by_hand(_ALWAYS["extension"]):
        queries |= _OF_CITUS
    if place.by_hand("SELECT 1 FROM pg_tables WHERE schemaname = 'citus_pulumi'"):
        queries["ledger"] = _LEDGER
    found = {what: place.by_hand(query) for what, query in queries.items()}
    for (table,) in place.by_hand(_TABLES):
        rows = f"SELECT count(*), sum(hashtext(t::text)::bigint)::text FROM {table} t"
        found[f"rows of {table}"] = place.by_hand(rows)
    return {_named(what, place): _all_named(rows, place) for what, rows in found.items()}


def rows(there: Seen) -> int:
    """Count all rows."""
    return sum(found[0][0] for what, found in there.items() if what.startswith("rows of"))


def _all_named(rows: list[tuple[Any, ...]], place: Place) -> list[tuple[Any, ...]]:
    return [tuple(_named(value, place) for value in row) for row in rows]


def _named(value: Any, place: Place) -> Any:
    return value.replace(place.name, "NAME") if isinstance(value, str) else value
