"""The SQL that reads a cluster.

Everything but sizes comes from the catalogues ``pg_dist_*``: the views ``citus_tables`` and
``citus_shards`` drop rows, or fail, while a worker is down.
"""

from __future__ import annotations

# For one session: nothing is written, and a node that hangs costs seconds. Where a worker is down,
# Citus warns of it again and again.
SESSION = """
SELECT set_config('default_transaction_read_only', 'on', false),
    set_config('statement_timeout', '20s', false),
    set_config('citus.node_connection_timeout', '3000', false),
    set_config('client_min_messages', 'error', false)"""
VERSION = "SELECT current_database(), extversion FROM pg_extension WHERE extname = 'citus'"
NODES = """
SELECT groupid, nodename, nodeport, isactive, shouldhaveshards, metadatasynced
FROM pg_dist_node WHERE noderole = 'primary' ORDER BY groupid"""
# Those of users: not PostgreSQL's, not an extension's.
_OF_USERS = """n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
    AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_namespace'::regclass
                    AND objid = n.oid AND deptype = 'e')"""
SCHEMAS = f"""
SELECT n.nspname, pg_get_userbyid(n.nspowner), s.colocationid
FROM pg_namespace n LEFT JOIN pg_dist_schema s ON s.schemaid = n.oid
WHERE {_OF_USERS} ORDER BY 1"""
TABLES = f"""
SELECT n.nspname, c.relname, format('%I.%I', n.nspname, c.relname),
    CASE WHEN p.logicalrelid IS NULL OR p.colocationid = 0 AND p.partmethod = 'n'
                AND p.repmodel <> 't' THEN 'local'
         WHEN p.repmodel = 't' THEN 'reference'
         WHEN p.partmethod <> 'n' THEN 'distributed'
         WHEN s.colocationid IS NOT NULL THEN 'schema'
         ELSE 'single shard' END AS kind,
    column_to_column_name(p.logicalrelid, p.partkey), coalesce(p.colocationid, 0),
    (SELECT count(*) FROM pg_dist_shard WHERE logicalrelid = c.oid),
    CASE WHEN p.logicalrelid IS NULL THEN pg_total_relation_size(c.oid) END
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_dist_partition p ON p.logicalrelid = c.oid
LEFT JOIN pg_dist_schema s ON s.colocationid = p.colocationid
WHERE (c.relkind IN ('r', 'p') OR p.logicalrelid IS NOT NULL) AND c.relpersistence <> 't'
    AND {_OF_USERS}
    AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass
                    AND objid = c.oid AND deptype = 'e')
ORDER BY 1, 2"""
PLACEMENTS = """
SELECT s.shardid, format('%I.%I', n.nspname, c.relname), p.colocationid, dense_rank() OVER (
        PARTITION BY s.logicalrelid
        ORDER BY CASE p.partmethod WHEN 'h' THEN s.shardminvalue::bigint END, s.shardid) - 1,
    s.groupid
FROM (pg_dist_shard JOIN pg_dist_placement USING (shardid)) AS s
JOIN pg_dist_partition p USING (logicalrelid)
JOIN pg_class c ON c.oid = p.logicalrelid JOIN pg_namespace n ON n.oid = c.relnamespace
ORDER BY s.shardid, s.groupid"""
# Every node tells the sizes of its own; the names of shards in public come without their schema.
_OWN_SIZES = """
SELECT json_object_agg(s.shardid, pg_total_relation_size(to_regclass(
    CASE c.relnamespace WHEN ''public''::regnamespace THEN ''public.'' ELSE '''' END
    || shard_name(s.logicalrelid, s.shardid))))
FROM pg_dist_shard s JOIN pg_dist_placement USING (shardid) JOIN pg_dist_local_group USING (groupid)
    JOIN pg_class c ON c.oid = s.logicalrelid"""
SIZES = f"""
SELECT coalesce(n.groupid, 0), a.success, a.result
FROM run_command_on_all_nodes('{_OWN_SIZES}') AS a LEFT JOIN pg_dist_node n USING (nodeid)"""
# With the stand-in all rows are in the coordinator's tables, and a node holds its part on paper.
STANDIN_SIZES = """
SELECT n.groupid, citus_check_connection_to_node(n.nodename, n.nodeport), (
    SELECT json_object_agg(s.shardid, s.shard_size)::text FROM citus_shards s
    WHERE (s.nodename, s.nodeport) = (n.nodename, n.nodeport))
FROM pg_dist_node n WHERE n.isactive"""
BRIEFLY = "SELECT set_config('statement_timeout', '6s', false)"
HEALTH = """
SELECT from_nodename, from_nodeport, to_nodename, to_nodeport, result
FROM citus_check_cluster_node_health()"""
_FROM_TO = """
JOIN pg_dist_node s ON (s.nodename, s.nodeport) = (m.sourcename, m.sourceport)
JOIN pg_dist_node t ON (t.nodename, t.nodeport) = (m.targetname, m.targetport)
JOIN pg_class c ON c.oid = m.table_name JOIN pg_namespace n ON n.oid = c.relnamespace"""
RUNNING = f"""
SELECT m.shardid, format('%I.%I', n.nspname, c.relname), s.groupid, t.groupid,
    greatest(m.source_shard_size, m.target_shard_size), m.target_shard_size, m.status
FROM get_rebalance_progress() m {_FROM_TO} ORDER BY m.progress DESC, m.shardid"""
LAST_JOB = """
SELECT j.job_id, j.state::text, count(t), count(t) FILTER (WHERE t.status::text = 'done'),
    j.started_at, j.finished_at, min(split_part(t.message, E'\\nCONTEXT', 1)) FILTER (
        WHERE t.status::text = 'error' OR t.status::text = 'runnable' AND t.retry_count > 0)
FROM pg_dist_background_job j LEFT JOIN pg_dist_background_task t USING (job_id)
WHERE j.job_type = 'rebalance' GROUP BY j.job_id ORDER BY j.job_id DESC LIMIT 1"""
PLAN = f"""
SELECT m.shardid, format('%%I.%%I', n.nspname, c.relname), s.groupid, t.groupid
FROM get_rebalance_table_shards_plan(
    threshold := %s::real, drain_only := %s, rebalance_strategy := %s::name)
    WITH ORDINALITY AS m {_FROM_TO.replace("%", "%%")} ORDER BY m.ordinality"""
