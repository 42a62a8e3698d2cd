"""Distributed schemas: what may be one, and what the catalogues show of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.live.standin.answers import Answer, Failure, ask

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from tests.live.standin.engines import Cluster

pytestmark = pytest.mark.live

TABLES = (
    "SELECT logicalrelid::text, partmethod, partkey, repmodel FROM pg_dist_partition ORDER BY 1"
)
PLACES = """SELECT t.colocationid, p.groupid, shardstorage, shardstate, shardlength
            FROM pg_dist_partition t JOIN pg_dist_shard USING (logicalrelid)
            JOIN pg_dist_placement p USING (shardid) ORDER BY logicalrelid::text"""
LEFT = """SELECT (SELECT count(*) FROM pg_dist_schema), (SELECT count(*) FROM pg_dist_colocation),
                 (SELECT count(*) FROM pg_dist_partition), (SELECT count(*) FROM pg_dist_shard),
                 (SELECT count(*) FROM pg_dist_placement)"""


@pytest.fixture
def run(admin: psycopg.Connection[Any]) -> Iterator[psycopg.Connection[Any]]:
    """Schemas `shop` and `plain` of the role `keeper`; nothing is left of them afterwards."""
    ask(admin, "CREATE ROLE keeper LOGIN PASSWORD 'k'")
    for name in ("shop", "plain"):
        ask(admin, f"CREATE SCHEMA {name} AUTHORIZATION keeper")
    # Citus reaches its workers as the role that calls.
    ask(admin, "SELECT * FROM run_command_on_all_nodes($$INSERT INTO pg_dist_authinfo "
               "VALUES (0, 'keeper', 'password=k')$$)")  # fmt: skip
    yield admin
    ask(admin, "ROLLBACK")
    ask(admin, "DROP SCHEMA IF EXISTS plain, shop, renamed CASCADE")
    ask(admin, "SELECT * FROM run_command_on_all_nodes('DELETE FROM pg_dist_authinfo')")
    ask(admin, "DROP ROLE keeper")
    assert ask(admin, LEFT).rows == [(0, 0, 0, 0, 0)]


def done(answer: Answer) -> list[str]:
    """Return what was said of a statement that went well."""
    assert answer.failure is None
    return answer.notices


def test_distribute_again_and_undistribute(run: psycopg.Connection[Any]) -> None:
    distribute = "SELECT citus_schema_distribute('shop')"
    assert done(ask(run, distribute)) == ["NOTICE: distributing the schema shop"]
    assert done(ask(run, distribute)) == ["NOTICE: schema shop is already distributed"]
    ((name, schema, colocation, shards),) = ask(
        run,
        "SELECT schemaid::regnamespace::text, schemaid, colocationid, shardcount "
        "FROM pg_dist_schema JOIN pg_dist_colocation USING (colocationid)",
    ).rows
    assert (name, shards) == ("shop", 1)
    view = ask(run, "SELECT schema_name::oid, colocation_id, schema_owner FROM citus_schemas")
    assert view.rows == [(schema, colocation, "keeper")]
    undistribute = "SELECT citus_schema_undistribute('shop')"
    assert done(ask(run, undistribute)) == ["NOTICE: undistributing schema shop"]
    assert ask(run, undistribute).failure == Failure("XX000", "schema shop is not distributed")


@pytest.mark.parametrize(
    ("schema", "failure"),
    [
        ("'public'", Failure("XX000", "public schema cannot be distributed")),
        ("'pg_catalog'", Failure("XX000", "pg_catalog schema cannot be distributed")),
        ("'pg_toast'", Failure("XX000", "pg_toast schema cannot be distributed")),
        ("'nowhere'", Failure("3F000", 'schema "nowhere" does not exist')),
        ("1::oid::regnamespace", Failure("3F000", "schema with OID 1 does not exist")),
        (
            "'citus'",
            Failure("XX000", "schema citus, which is owned by an extension, cannot be distributed"),
        ),
    ],
)
def test_schemas_that_cannot_be(
    admin: psycopg.Connection[Any], schema: str, failure: Failure
) -> None:
    assert ask(admin, f"SELECT citus_schema_distribute({schema})").failure == failure


def test_each_schema_goes_to_the_next_worker(run: psycopg.Connection[Any]) -> None:
    for name in ("shop", "plain"):
        ask(run, f"SELECT citus_schema_distribute('{name}')")
        for table in ("one", "two"):
            ask(run, f"CREATE TABLE {name}.{table} (id bigserial PRIMARY KEY)")
    rows = ask(run, PLACES).rows
    assert len(rows) == 4
    assert rows == [(c, 1 + c % 3, "t", 1, 0) for c, *_ in rows]


def test_tables_follow_their_schema(run: psycopg.Connection[Any]) -> None:
    ask(run, "CREATE TABLE shop.before (id bigint PRIMARY KEY)")
    ask(run, "SELECT citus_schema_distribute('shop')")
    for statement in (
        "CREATE TABLE shop.item (id bigserial PRIMARY KEY, b bigint REFERENCES shop.before)",
        "CREATE TABLE shop.copied AS SELECT 1 AS id",
        "CREATE TABLE shop.parent (id int) PARTITION BY RANGE (id)",
        "CREATE TABLE shop.part PARTITION OF shop.parent FOR VALUES FROM (1) TO (2)",
        "CREATE VIEW shop.seen AS SELECT * FROM shop.item",
        "ALTER TABLE shop.item ADD COLUMN note text",
        "CREATE TABLE plain.other (id int)",
    ):
        assert done(ask(run, statement)) == []
    names = ["shop.before", "shop.copied", "shop.item", "shop.parent", "shop.part"]
    assert ask(run, TABLES).rows == [(name, "n", None, "s") for name in names]
    ask(run, "ALTER TABLE shop.item RENAME TO article")
    ask(run, "DROP TABLE shop.copied")
    ask(run, "ALTER SCHEMA shop RENAME TO renamed")
    shown = ask(run, "SELECT table_name::text, citus_table_type, shard_count FROM citus_tables")
    names = ["renamed.article", "renamed.before", "renamed.parent", "renamed.part"]
    assert shown.rows == [(name, "schema", 1) for name in names]
    shards = ask(run, "SELECT shard_name = table_name || '_' || shardid FROM citus_shards")
    assert shards.rows == [(True,)] * 4


def test_a_table_moves_between_schemas(run: psycopg.Connection[Any]) -> None:
    ask(run, "CREATE TABLE plain.thing (id int)")
    ask(run, "SELECT citus_schema_distribute('shop')")
    moved = ask(run, "ALTER TABLE plain.thing SET SCHEMA shop")
    assert done(moved) == ["NOTICE: Moving thing into distributed schema shop"]
    assert [row[0] for row in ask(run, TABLES).rows] == ["shop.thing"]
    back = ask(run, "ALTER TABLE shop.thing SET SCHEMA plain")
    assert done(back) == [
        "NOTICE: undistributing table thing in distributed schema shop before altering its schema"
    ]
    assert ask(run, TABLES).rows == []


def test_foreign_keys_and_inheritance(run: psycopg.Connection[Any]) -> None:
    inherit = Failure("XX000", "tables in a distributed schema cannot inherit or be inherited")
    ask(run, "CREATE TABLE plain.away (id int PRIMARY KEY)")
    ask(run, "CREATE TABLE shop.near (id int REFERENCES plain.away)")
    assert ask(run, "SELECT citus_schema_distribute('shop')").failure == Failure(
        "XX000",
        "foreign keys from distributed schemas can only point to the same distributed schema or "
        "reference tables in regular schemas",
        '"shop.near" references "plain.away" via foreign key constraint "near_id_fkey"',
    )
    assert ask(run, "SELECT citus_schema_distribute('plain')").failure == Failure(
        "XX000",
        "cannot create foreign keys to tables in a distributed schema from another schema",
        '"shop.near" references "plain.away" via foreign key constraint "near_id_fkey"',
    )
    ask(run, "DROP TABLE shop.near")
    ask(run, "SELECT citus_schema_distribute('shop')")
    new = ask(run, "CREATE TABLE shop.near (id int REFERENCES plain.away)").failure
    assert new is not None
    assert (new.sqlstate, new.message) == (
        "42P16",
        'referenced table "away" must be a distributed table or a reference table',
    )
    ask(run, "CREATE TABLE shop.base (id int)")
    assert ask(run, "CREATE TABLE shop.child () INHERITS (shop.base)").failure == inherit


def test_only_the_owner(run: psycopg.Connection[Any], cluster: Cluster) -> None:
    ask(run, "CREATE SCHEMA IF NOT EXISTS renamed")
    with cluster.coordinator.connect("keeper", "k") as keeper:
        for function in ("citus_schema_distribute", "citus_schema_undistribute"):
            refused = ask(keeper, f"SELECT {function}('renamed')").failure
            assert refused == Failure("42501", "must be owner of schema renamed")
        assert done(ask(keeper, "SELECT citus_schema_distribute('shop')"))
        assert done(ask(keeper, "CREATE TABLE shop.own (id bigserial PRIMARY KEY, n text)")) == []
        added = ask(keeper, "INSERT INTO shop.own (n) VALUES ('a'), ('b') RETURNING id")
        assert added.rows == [(1,), (2,)]
        assert done(ask(keeper, "DROP TABLE shop.own")) == []
        assert ask(keeper, TABLES).rows == []
        for statement in ("DELETE FROM pg_dist_schema", "SELECT * FROM pg_dist_authinfo"):
            refused = ask(keeper, statement).failure
            assert refused is not None
            assert refused.sqlstate == "42501"


def test_a_transaction_takes_it_back(run: psycopg.Connection[Any]) -> None:
    for statement in (
        "BEGIN",
        "SELECT citus_schema_distribute('shop')",
        "CREATE TABLE shop.a (i int)",
    ):
        done(ask(run, statement))
    ask(run, "ROLLBACK")
    assert ask(run, LEFT).rows == [(0, 0, 0, 0, 0)]


def test_the_extension_stays_while_a_table_needs_it(run: psycopg.Connection[Any]) -> None:
    ask(run, "SELECT citus_schema_distribute('shop')")
    ask(run, "CREATE TABLE shop.a (i int)")
    refused = ask(run, "DROP EXTENSION citus").failure
    assert refused is not None
    assert refused.sqlstate == "2BP01"
