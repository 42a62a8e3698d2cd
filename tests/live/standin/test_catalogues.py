"""The catalogues look the same on both engines, and the same people may read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.live.standin.answers import ask

if TYPE_CHECKING:
    import psycopg

    from tests.live.standin.engines import Engine

pytestmark = pytest.mark.live

COLUMNS = {
    "pg_dist_node": (
        "nodeid integer, groupid integer, nodename text, nodeport integer, noderack text, "
        "hasmetadata boolean, isactive boolean, noderole noderole, nodecluster name, "
        "metadatasynced boolean, shouldhaveshards boolean"
    ),
    "pg_dist_local_group": "groupid integer",
    "pg_dist_schema": "schemaid oid, colocationid integer",
    "pg_dist_colocation": (
        "colocationid integer, shardcount integer, replicationfactor integer, "
        "distributioncolumntype oid, distributioncolumncollation oid"
    ),
    "pg_dist_partition": (
        'logicalrelid regclass, partmethod "char", partkey text, colocationid integer, '
        'repmodel "char", autoconverted boolean'
    ),
    "pg_dist_shard": (
        'logicalrelid regclass, shardid bigint, shardstorage "char", shardminvalue text, '
        "shardmaxvalue text"
    ),
    "pg_dist_placement": (
        "placementid bigint, shardid bigint, shardstate integer, shardlength bigint, "
        "groupid integer"
    ),
    "pg_dist_authinfo": "nodeid integer, rolename name, authinfo text",
    "citus_schemas": (
        "schema_name regnamespace, colocation_id integer, schema_size text, schema_owner name"
    ),
    "citus_tables": (
        "table_name regclass, citus_table_type text, distribution_column text, "
        "colocation_id integer, table_size text, shard_count bigint, table_owner name, "
        "access_method name"
    ),
    "citus_shards": (
        "table_name regclass, shardid bigint, shard_name text, citus_table_type text, "
        "colocation_id integer, nodename text, nodeport integer, shard_size bigint"
    ),
}

FUNCTIONS = {
    "citus_set_coordinator_host(text,integer,noderole,name)": ("void", False),
    "citus_add_node(text,integer,integer,noderole,name)": ("integer", False),
    "citus_activate_node(text,integer)": ("integer", False),
    "citus_remove_node(text,integer)": ("void", False),
    "citus_set_node_property(text,integer,text,boolean)": ("void", False),
    "citus_get_active_worker_nodes()": ("SETOF record", True),
    "master_get_active_worker_nodes()": ("SETOF record", True),
    "run_command_on_all_nodes(text,boolean,boolean)": ("SETOF record", True),
    "run_command_on_workers(text,boolean)": ("SETOF record", True),
    "run_command_on_coordinator(text,boolean)": ("SETOF record", True),
    "citus_check_connection_to_node(text,integer)": ("boolean", True),
    "citus_check_cluster_node_health()": ("SETOF record", True),
    "citus_schema_distribute(regnamespace)": ("void", True),
    "citus_schema_undistribute(regnamespace)": ("void", True),
    "citus_schema_move(regnamespace,text,integer,citus.shard_transfer_mode)": ("void", True),
    "citus_schema_move(regnamespace,integer,citus.shard_transfer_mode)": ("void", True),
    "create_distributed_table(regclass,text,citus.distribution_type,text,integer)": ("void", True),
    "create_distributed_table_concurrently(regclass,text,citus.distribution_type,text,integer)": (
        "void",
        True,
    ),
    "create_reference_table(regclass)": ("void", True),
    "undistribute_table(regclass,boolean)": ("void", True),
    "alter_distributed_table(regclass,text,integer,text,boolean)": ("void", True),
    "update_distributed_table_colocation(regclass,text)": ("void", True),
    "replicate_reference_tables(citus.shard_transfer_mode)": ("void", False),
    "column_to_column_name(regclass,text)": ("text", True),
    "citus_version()": ("text", True),
    "citus_is_coordinator()": ("boolean", True),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_columns(admin: psycopg.Connection[Any], name: str) -> None:
    found = ask(
        admin,
        f"""SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', '
                              ORDER BY attnum)
            FROM pg_attribute
            WHERE attrelid = '{name}'::regclass AND attnum > 0 AND NOT attisdropped""",
    )
    assert found.value == COLUMNS[name]


@pytest.mark.parametrize("name", COLUMNS)
def test_everybody_reads_all_but_the_passwords(admin: psycopg.Connection[Any], name: str) -> None:
    for privilege, expected in (("SELECT", name != "pg_dist_authinfo"), ("UPDATE", False)):
        answer = ask(admin, f"SELECT has_table_privilege('pg_monitor', '{name}', '{privilege}')")
        assert answer.value is expected


@pytest.mark.parametrize("signature", FUNCTIONS)
def test_functions(admin: psycopg.Connection[Any], signature: str) -> None:
    answer = ask(
        admin,
        f"""SELECT pg_get_function_result(oid), has_function_privilege('pg_monitor', oid, 'EXECUTE')
            FROM pg_proc WHERE oid = 'pg_catalog.{signature}'::regprocedure""",
    )
    assert answer.rows == [FUNCTIONS[signature]]


def test_the_stand_in_says_what_it_is(admin: psycopg.Connection[Any], engine: Engine) -> None:
    version = ask(admin, "SELECT extversion FROM pg_extension WHERE extname = 'citus'").value
    assert version.endswith("-standin") is (engine.name == "standin")
    assert ("standin" in ask(admin, "SELECT citus_version()").value) is (engine.name == "standin")


def test_settings_of_citus_are_accepted(admin: psycopg.Connection[Any]) -> None:
    assert ask(admin, "SHOW citus.node_conninfo").value == "sslmode=prefer"
    assert ask(admin, "SHOW citus.local_hostname").value == "127.0.0.1"
    assert ask(admin, "SET citus.enable_schema_based_sharding TO off").failure is None
