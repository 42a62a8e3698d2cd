"""Why a table is not distributed: the first of Citus' reasons, in its words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.live.standin.answers import Failure, ask

if TYPE_CHECKING:
    import psycopg

    from tests.live.standin.engines import Cluster

pytestmark = pytest.mark.live

UNIQUE = (
    "Distributed relations cannot have UNIQUE, EXCLUDE, or PRIMARY KEY constraints that do not "
    "include the partition column (with an equality operator if EXCLUDE)."
)
MODELS = "Replication models don't match for ref and big."
TYPES = "Distribution column types don't match for {} and big."
DISTRIBUTED = {
    "'shop.nowhere', 'id'": Failure("42P01", 'relation "shop.nowhere" does not exist'),
    "1::oid::regclass, 'id'": Failure("22023", "relation with OID 1 does not exist"),
    "'shop.item', 'no'": Failure("42703", 'column "no" of relation "item" does not exist'),
    "'shop.item', 'ctid'": Failure(
        "0A000", 'cannot reference system column "ctid" in relation "item"'
    ),
    "'shop.item', 'note'": Failure("0A000", 'cannot create constraint on "item"', UNIQUE),
    "'shop.other', 'id'": Failure("42P16", 'table "other" is already distributed'),
    "'shop.ref', 'id'": Failure("42P16", 'table "ref" is already distributed'),
    "'shop.lone', NULL": Failure("42P16", 'table "lone" is already distributed'),
    "'temporary', 'id'": Failure("0A000", "cannot distribute a temporary table"),
    "'shop.seen', 'id'": Failure("42809", "seen is not a regular, foreign or partitioned table"),
    "'pg_class', 'relname'": Failure("0A000", "cannot create a citus table from a catalog table"),
    "'shop.part', 'id'": Failure(
        "XX000",
        'cannot distribute relation "part" which is partition of "parted"',
        "Citus does not support distributing partitions if their parent is not distributed table.",
        'Distribute the partitioned table "parted" instead.',
    ),
    "'shop.reacts', 'id'": Failure(
        "XX000",
        'cannot distribute relation "reacts" because it has triggers',
        hint='Consider dropping all the triggers on "reacts" and retry.',
    ),
    "'shop.odd', 'next'": Failure(
        "0A000",
        "cannot distribute relation: odd",
        "Distribution column must not use GENERATED ALWAYS AS (...) STORED.",
    ),
    "'shop.odd', 'j'": Failure(
        "42704",
        "data type json has no default operator class for specified partition method",
        "Partition column types must have a default operator class defined.",
    ),
    "'shop.big', 'id', shard_count := 0": Failure(
        "XX000", '0 is outside the valid range for parameter "shard_count" (1 .. 64000)'
    ),
    "'shop.big', 'id', shard_count := 4, colocate_with := 'shop.other'": Failure(
        "XX000", "Cannot use colocate_with with a table and shard_count at the same time"
    ),
    "'shop.big', NULL, shard_count := 4": Failure(
        "XX000",
        "shard_count can't be specified when the distribution column is null because in that case "
        "it's automatically set to 1",
    ),
    "'shop.big', 'id', 'wrong'": Failure(
        "22P02", 'invalid input value for enum citus.distribution_type: "wrong"'
    ),
    "'shop.big', 'id', colocate_with := 'shop.nowhere'": Failure(
        "42P01", 'relation "shop.nowhere" does not exist'
    ),
    "'shop.big', 'id', colocate_with := 'shop.item'": Failure(
        "XX000", "relation item is not distributed"
    ),
    "'shop.big', 'id', colocate_with := 'shop.other'": Failure(
        "XX000", "cannot colocate tables other and big", TYPES.format("other")
    ),
    "'shop.big', 'id', colocate_with := 'shop.lone'": Failure(
        "XX000", "cannot colocate tables lone and big", TYPES.format("lone")
    ),
    "'shop.big', NULL, colocate_with := 'shop.other'": Failure(
        "XX000", "cannot colocate tables other and big", TYPES.format("other")
    ),
    "'shop.big', NULL, colocate_with := 'shop.ref'": Failure(
        "XX000", "cannot colocate tables ref and big", MODELS
    ),
}
CONCURRENTLY = {
    "'shop.big', NULL": Failure(
        "XX000",
        "cannot use create_distributed_table_concurrently to create a distributed table with a "
        "null shard key, consider using create_distributed_table()",
    ),
    "'shop.big', 'no'": Failure("42703", 'column "no" of relation "big" does not exist'),
    "'shop.big', 'id', 'append'": Failure(
        "22023", "only hash-distributed tables can be distributed without blocking writes"
    ),
    "'shop.ref', 'id'": Failure("42P16", 'table "ref" is already distributed'),
    "'shop.big', 'id', colocate_with := 'shop.item'": Failure(
        "XX000", "relation item is not distributed"
    ),
    "'shop.big', 'id', colocate_with := 'shop.ref'": Failure(
        "XX000",
        "cannot create distributed table concurrently because Citus allows concurrent table "
        "distribution only when citus.shard_replication_factor = 1",
        hint="table big is requested to be colocated with shop.ref which has "
        "citus.shard_replication_factor > 1",
    ),
}
REFERENCE = {
    "'shop.nowhere'": Failure("42P01", 'relation "shop.nowhere" does not exist'),
    "'shop.ref'": Failure("42P16", 'table "ref" is already distributed'),
    "'shop.other'": Failure("42P16", 'table "other" is already distributed'),
    "'shop.parted'": Failure(
        "0A000", "distributing partitioned tables in only supported for hash-distributed tables"
    ),
}


def test_no_distributed_table(tables: psycopg.Connection[Any]) -> None:
    for call, failure in DISTRIBUTED.items():
        assert ask(tables, f"SELECT create_distributed_table({call})").failure == failure, call


def test_not_concurrently(tables: psycopg.Connection[Any]) -> None:
    for call, failure in CONCURRENTLY.items():
        statement = f"SELECT create_distributed_table_concurrently({call})"
        assert ask(tables, statement).failure == failure, call


@pytest.mark.parametrize("before", ["SELECT 1", "CREATE TABLE shop.written (id int)"])
def test_not_concurrently_in_a_transaction(shop: psycopg.Connection[Any], before: str) -> None:
    for statement in ("CREATE TABLE shop.big (id int)", "BEGIN", before):
        assert ask(shop, statement).failure is None
    refused = ask(shop, "SELECT create_distributed_table_concurrently('shop.big', 'id')").failure
    message = "create_distributed_table_concurrently cannot run inside a transaction block"
    assert refused == Failure("25001", message)


@pytest.mark.parametrize("parameters", [None, ("shop.kept", "id")], ids=["simple", "extended"])
def test_concurrently_by_itself(shop: psycopg.Connection[Any], parameters: Any) -> None:
    ask(shop, "CREATE TABLE shop.kept (id int PRIMARY KEY)")
    ask(shop, "INSERT INTO shop.kept SELECT generate_series(1, 5)")
    call = "'shop.kept', 'id'" if parameters is None else "%s, %s"
    shop.execute(
        f"SELECT create_distributed_table_concurrently({call}, shard_count := 2)".encode(),
        parameters,
    )
    entered = ask(
        shop,
        "SELECT partmethod, shardcount, shardminvalue FROM pg_dist_partition "
        "JOIN pg_dist_colocation USING (colocationid) JOIN pg_dist_shard USING (logicalrelid) "
        "ORDER BY shardid",
    )
    assert entered.rows == [("h", 2, "-2147483648"), ("h", 2, "0")]
    assert ask(shop, "SELECT count(*) FROM shop.kept").value == 5


def test_no_reference_table(tables: psycopg.Connection[Any]) -> None:
    for call, failure in REFERENCE.items():
        assert ask(tables, f"SELECT create_reference_table({call})").failure == failure, call


OWNED = {
    "create_distributed_table('shop.big', 'id')": "must be owner of table big",
    "create_reference_table('shop.big')": "must be owner of table big",
    "undistribute_table('shop.other')": "must be owner of table other",
    "alter_distributed_table('shop.other', 'id')": "must be owner of table other",
    "update_distributed_table_colocation('shop.other', 'none')": "must be owner of table other",
    "citus_schema_move('shop', 'host', 1)": "must be owner of schema shop",
    "replicate_reference_tables()": "permission denied for function replicate_reference_tables",
}


def test_only_the_owner(tables: psycopg.Connection[Any], cluster: Cluster) -> None:
    ask(tables, "CREATE ROLE stranger LOGIN PASSWORD 's'")
    ask(tables, "GRANT USAGE ON SCHEMA shop TO stranger")
    with cluster.coordinator.connect("stranger", "s") as stranger:
        for call, message in OWNED.items():
            assert ask(stranger, f"SELECT {call}").failure == Failure("42501", message)
    ask(tables, "DROP OWNED BY stranger")
    ask(tables, "DROP ROLE stranger")
