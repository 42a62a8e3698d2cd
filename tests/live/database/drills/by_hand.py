"""What somebody may do to a database by psql, that the next `up` has to mend."""

from __future__ import annotations

import psycopg

from citus.database import connections
from tests.live.database.place import Place

# Each leaves all rows where they are counted; ``{schema}``, ``{table}``, ``{port}`` are drawn.
CHANGES = (
    "SELECT undistribute_table('ads.{table}')",
    "SELECT create_distributed_table('ads.{table}', 'id', shard_count := 3)",
    "SELECT create_reference_table('ads.{table}')",
    "SELECT alter_distributed_table('ads.{table}', shard_count := 8)",
    "SELECT alter_distributed_table('ads.{table}', NULL, 8, cascade_to_colocated := false)",
    "SELECT alter_distributed_table('ads.{table}', NULL, 5, cascade_to_colocated := true)",
    "SELECT update_distributed_table_colocation('ads.{table}', 'none')",
    "SELECT citus_schema_undistribute('{schema}')",
    "SELECT citus_schema_distribute('{schema}')",
    "SELECT citus_set_node_property('127.0.0.1', {port}, 'shouldhaveshards', false)",
    "SELECT citus_disable_node('127.0.0.1', {port}, synchronous := true)",
    "SELECT citus_remove_node('127.0.0.1', {port})",
    "SELECT citus_set_coordinator_host('localhost')",
    "ALTER ROLE {name} NOLOGIN CONNECTION LIMIT 3",
    "SELECT run_command_on_all_nodes($$DELETE FROM pg_dist_authinfo$$)",
    "DROP TABLE ads.{table}; ALTER TABLE public.{table} SET SCHEMA ads",
)


def change(place: Place, text: str, **drawn: object) -> bool:
    """Run one; tell whether the database took it, which it does not in every state."""
    for name, value in drawn.items():
        text = text.replace(f"{{{name}}}", str(value))
    try:
        place.by_hand(text)
    except psycopg.Error:
        return False
    finally:
        connections.IDLE.close()  # another run, which comes later
    return True
