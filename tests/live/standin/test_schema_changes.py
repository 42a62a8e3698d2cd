"""Schemas that are distributed as they are made, that move, and that hold other tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.live.standin.answers import Failure, ask

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from tests.live.standin.engines import Cluster

pytestmark = pytest.mark.live

SCHEMAS = "SELECT schema_name::text, schema_owner FROM citus_schemas ORDER BY 1"
HOME = (
    "SELECT DISTINCT groupid FROM pg_dist_shard JOIN pg_dist_placement USING (shardid) "
    "WHERE logicalrelid::text LIKE 'tenant.%'"
)
BELONGS = "{} is not allowed for {} because it belongs to a distributed schema"
NO_DISTRIBUTED = "distributed schema cannot have distributed tables"


@pytest.fixture
def tenant(shop: psycopg.Connection[Any]) -> Iterator[psycopg.Connection[Any]]:
    """A distributed schema `tenant` beside the regular one."""
    ask(shop, "CREATE SCHEMA tenant")
    assert ask(shop, "SELECT citus_schema_distribute('tenant')").failure is None
    yield shop
    ask(shop, "DROP SCHEMA IF EXISTS tenant CASCADE")


@pytest.fixture
def keeper(admin: psycopg.Connection[Any]) -> Iterator[psycopg.Connection[Any]]:
    """A role for schemas; they, and what is entered for them, are gone afterwards."""
    ask(admin, "CREATE ROLE keeper")
    yield admin
    ask(admin, "DROP SCHEMA IF EXISTS made, owned, keeper, regular CASCADE")
    ask(admin, "DROP ROLE keeper")
    assert ask(admin, "SELECT * FROM pg_dist_colocation").rows == []


def test_the_setting_distributes_new_schemas(keeper: psycopg.Connection[Any]) -> None:
    for statement in (
        "SET citus.enable_schema_based_sharding TO on",
        "CREATE SCHEMA made",
        "CREATE SCHEMA IF NOT EXISTS made",
        "CREATE SCHEMA owned AUTHORIZATION keeper",
        "CREATE SCHEMA AUTHORIZATION keeper",
        "CREATE TABLE made.thing (id int)",
    ):
        assert ask(keeper, statement).failure is None
    mixed = ask(keeper, "CREATE SCHEMA mixed CREATE TABLE thing (id int)").failure
    ask(keeper, "SET citus.enable_schema_based_sharding TO off")
    ask(keeper, "CREATE SCHEMA regular")
    assert mixed == Failure(
        "0A000",
        "cannot create distributed schema and table in a single statement",
        hint="SET citus.enable_schema_based_sharding TO off, or create the schema and table in "
        "separate commands.",
    )
    owners = [("keeper", "keeper"), ("made", "postgres"), ("owned", "keeper")]
    assert ask(keeper, SCHEMAS).rows == owners
    assert ask(keeper, "SELECT table_name::text FROM citus_tables").value == "made.thing"


def test_a_schema_moves(tenant: psycopg.Connection[Any], cluster: Cluster) -> None:
    for name in ("a", "b"):
        ask(tenant, f"CREATE TABLE tenant.{name} (id int PRIMARY KEY)")
    home = ask(tenant, HOME).value
    for mode in ("", ", 'block_writes'"):
        target = home % 3 + 1
        port = cluster.workers[target - 1].port
        moved = ask(tenant, f"SELECT citus_schema_move('tenant', '127.0.0.1', {port}{mode})")
        assert (moved.value, moved.notices) == ("", [])
        home = ask(tenant, HOME).value
        assert home == target


def test_a_schema_stays(tenant: psycopg.Connection[Any], cluster: Cluster) -> None:
    empty = ask(tenant, "SELECT citus_schema_move('tenant', '127.0.0.1', 1)").failure
    message = "cannot move distributed schema tenant because it is empty"
    assert empty == Failure("XX000", message)
    ask(tenant, "CREATE TABLE tenant.bare (id int)")
    home = ask(tenant, HOME).value
    ports = [server.port for server in (cluster.coordinator, *cluster.workers)]
    for call, failure in {
        "'shop', '127.0.0.1', 1": Failure("XX000", "schema shop is not a distributed schema"),
        "'nowhere', '127.0.0.1', 1": Failure("3F000", 'schema "nowhere" does not exist'),
        "'tenant', 999": Failure("XX000", "node with node id 999 could not be found"),
        "'tenant', '127.0.0.1', 1": Failure(
            "0A000",
            "Moving shards to a non-existing node is not supported",
            hint="Add the target node via SELECT citus_add_node('127.0.0.1', 1);",
        ),
        f"'tenant', '127.0.0.1', {ports[home]}": Failure(
            "22023", "cannot move shard to the same node"
        ),
        f"'tenant', '127.0.0.1', {ports[0]}": Failure(
            "0A000",
            "Moving shards to a node that shouldn't have a shard is not supported",
            hint="Allow shards on the target node via SELECT * FROM "
            f"citus_set_node_property('127.0.0.1', {ports[0]}, 'shouldhaveshards', true);",
        ),
        f"'tenant', '127.0.0.1', {ports[home % 3 + 1]}": Failure(
            "0A000",
            "cannot use logical replication to transfer shards of the relation bare since it "
            "doesn't have a REPLICA IDENTITY or PRIMARY KEY",
            "UPDATE and DELETE commands on the shard will error out during logical replication "
            "unless there is a REPLICA IDENTITY or PRIMARY KEY.",
            "If you wish to continue without a replica identity set the shard_transfer_mode to "
            "'force_logical' or 'block_writes'.",
        ),
    }.items():
        assert ask(tenant, f"SELECT citus_schema_move({call})").failure == failure, call


def test_tables_of_a_distributed_schema_stay_as_they_are(tenant: psycopg.Connection[Any]) -> None:
    ask(tenant, "CREATE TABLE tenant.t (id int)")
    ask(tenant, "CREATE TABLE shop.one (id int)")
    ask(tenant, "SELECT create_distributed_table('shop.one', NULL)")
    there = Failure("42P16", 'table "t" is already distributed')
    for call, failure in {
        "create_distributed_table('tenant.t', 'id')": there,
        "create_reference_table('tenant.t')": there,
        "undistribute_table('tenant.t')": "undistribute_table",
        "alter_distributed_table('tenant.t', shard_count := 2)": "alter_distributed_table",
        "update_distributed_table_colocation('tenant.t', 'none')": (
            "update_distributed_table_colocation"
        ),
        "update_distributed_table_colocation('shop.one', 'tenant.t')": "colocate_with",
    }.items():
        expected = (
            Failure("XX000", BELONGS.format("tenant.t", failure))
            if isinstance(failure, str)
            else failure
        )
        assert ask(tenant, f"SELECT {call}").failure == expected, call


def test_a_distributed_table_keeps_out(tenant: psycopg.Connection[Any]) -> None:
    for statement in (
        "CREATE TABLE shop.ref (id int PRIMARY KEY)",
        "CREATE TABLE shop.spread (id int PRIMARY KEY)",
        "SELECT create_reference_table('shop.ref')",
        "CREATE TABLE tenant.t (id int, r int REFERENCES shop.ref)",
        "SELECT create_distributed_table('shop.spread', 'id', shard_count := 2)",
    ):
        assert ask(tenant, statement).failure is None
    for statement, operation in {
        "SELECT citus_schema_distribute('shop')": "citus_schema_distribute",
        "ALTER TABLE shop.spread SET SCHEMA tenant": "ALTER TABLE SET SCHEMA",
    }.items():
        ask(tenant, "DROP TABLE IF EXISTS tenant.t")
        hint = f"Undistribute distributed tables before '{operation}'."
        assert ask(tenant, statement).failure == Failure("XX000", NO_DISTRIBUTED, hint=hint)
    refused = ask(tenant, "CREATE TABLE tenant.bad (id int REFERENCES shop.spread)").failure
    assert refused is not None
    assert refused.message.startswith("cannot create foreign key constraint since relations are")
