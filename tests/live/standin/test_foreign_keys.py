"""Foreign keys: which may be, and the local tables that one to a reference table pulls in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.live.standin.answers import Failure, ask

if TYPE_CHECKING:
    import psycopg

pytestmark = pytest.mark.live

PULLED = (
    "NOTICE: local tables that are added to metadata automatically by citus, but not chained with "
    "reference tables via foreign keys might be automatically converted back to postgres tables"
)
SHOWN = "SELECT right(table_name::text, -5), citus_table_type FROM citus_tables ORDER BY 1"
NOT_COLOCATED = Failure(
    "0A000",
    "cannot create foreign key constraint since relations are not colocated or not referencing a "
    "reference table",
    "A distributed table can only have foreign keys if it is referencing another colocated hash "
    "distributed table or a reference table",
)
NOT_TO_DISTRIBUTED = Failure(
    "0A000",
    "cannot create foreign key constraint since foreign keys from reference tables and local "
    "tables to distributed tables are not supported",
    "Reference tables and local tables can only have foreign keys to reference tables and local "
    "tables",
)
ORDINAL = (
    "Foreign keys are supported in two cases, either in between two colocated tables including "
    "partition column in the same ordinal in the both tables or from distributed to reference "
    "tables"
)
ON_DELETE = (
    "SET NULL or SET DEFAULT is not supported in ON DELETE operation when distribution key is "
    "included in the foreign key constraint"
)
ON_UPDATE = (
    "SET NULL, SET DEFAULT or CASCADE is not supported in ON UPDATE operation when distribution "
    "key included in the foreign constraint."
)
KEYS = {
    ("", "create_distributed_table('shop.b', 'id', 'hash', 'none', 2)"): NOT_COLOCATED,
    ("", "create_distributed_table('shop.b', NULL, 'hash', 'none')"): NOT_COLOCATED,
    ("", "create_reference_table('shop.b')"): NOT_TO_DISTRIBUTED,
    ("", "create_distributed_table('shop.b', 'other', 'hash', 'shop.a')"): Failure(
        "0A000", "cannot create foreign key constraint", ORDINAL
    ),
    ("ON DELETE SET NULL", "create_distributed_table('shop.b', 'id', 'hash', 'shop.a')"): Failure(
        "0A000", "cannot create foreign key constraint", ON_DELETE
    ),
    ("ON UPDATE CASCADE", "create_distributed_table('shop.b', 'id', 'hash', 'shop.a')"): Failure(
        "0A000", "cannot create foreign key constraint", ON_UPDATE
    ),
    ("", "create_distributed_table_concurrently('shop.a1', 'id')"): Failure(
        "0A000",
        "relation a1 is referenced by a foreign key from b1",
        "foreign keys from a regular table to a distributed table are not supported.",
    ),
    ("", "create_distributed_table_concurrently('shop.b1', 'id')"): Failure(
        "0A000",
        "relation a1 is referenced by a foreign key from b1",
        "foreign keys from a distributed table to a regular table are not supported.",
    ),
}


def test_which_foreign_keys_may_be(shop: psycopg.Connection[Any]) -> None:
    for statement in (
        "CREATE TABLE shop.a (id int PRIMARY KEY)",
        "CREATE TABLE shop.a1 (id int PRIMARY KEY)",
        "CREATE TABLE shop.b1 (id int REFERENCES shop.a1)",
        "SELECT create_distributed_table('shop.a', 'id', 'hash', 'none', 2)",
    ):
        assert ask(shop, statement).failure is None
    for (action, call), failure in KEYS.items():
        ask(shop, f"CREATE TABLE shop.b (id int REFERENCES shop.a {action}, other int)")
        assert ask(shop, f"SELECT {call}").failure == failure, call
        ask(shop, "DROP TABLE shop.b")


def test_new_foreign_keys_of_tables_that_are_there(shop: psycopg.Connection[Any]) -> None:
    for statement, failure in {
        "CREATE TABLE shop.a (id int PRIMARY KEY, r int)": None,
        "CREATE TABLE shop.b (id int PRIMARY KEY)": None,
        "CREATE TABLE shop.ref (id int PRIMARY KEY)": None,
        "SELECT create_distributed_table('shop.a', 'id', 'hash', 'none', 2)": None,
        "SELECT create_distributed_table('shop.b', 'id', 'hash', 'none', 2)": None,
        "SELECT create_reference_table('shop.ref')": None,
        "ALTER TABLE shop.a ADD FOREIGN KEY (id) REFERENCES shop.b": NOT_COLOCATED,
        "ALTER TABLE shop.ref ADD FOREIGN KEY (id) REFERENCES shop.b": NOT_TO_DISTRIBUTED,
        "ALTER TABLE shop.a ADD FOREIGN KEY (r) REFERENCES shop.ref": None,
        "CREATE TABLE shop.plain (id int REFERENCES shop.a)": None,
    }.items():
        assert ask(shop, statement).failure == failure, statement
    shown = [("a", "distributed"), ("b", "distributed"), ("ref", "reference")]
    assert ask(shop, SHOWN).rows == shown


def test_a_reference_table_pulls_in_its_neighbours(shop: psycopg.Connection[Any]) -> None:
    ask(shop, "CREATE TABLE shop.ref (id int PRIMARY KEY)")
    ask(shop, "CREATE TABLE shop.near (id int PRIMARY KEY, r int REFERENCES shop.ref)")
    ask(shop, "CREATE TABLE shop.far (id int REFERENCES shop.near)")
    assert ask(shop, "SELECT create_reference_table('shop.ref')").notices == [PULLED] * 3
    entries = ask(
        shop,
        "SELECT partmethod, repmodel, colocationid, autoconverted, groupid FROM pg_dist_partition "
        "JOIN pg_dist_shard USING (logicalrelid) JOIN pg_dist_placement USING (shardid) "
        "WHERE logicalrelid <> 'shop.ref'::regclass",
    )
    assert entries.rows == [("n", "s", 0, True, 0)] * 2
    later = "CREATE TABLE shop.later (id int PRIMARY KEY, r int REFERENCES shop.ref)"
    assert ask(shop, later).notices == [PULLED]
    assert ask(shop, "SELECT create_distributed_table('shop.near', 'id')").failure == (
        NOT_TO_DISTRIBUTED
    )
    assert ask(shop, "SELECT create_distributed_table('shop.later', 'id')").failure is None
    assert ask(shop, SHOWN).rows == [
        ("far", "local"),
        ("later", "distributed"),
        ("near", "local"),
        ("ref", "reference"),
    ]


def test_what_is_pulled_in_is_let_go_again(shop: psycopg.Connection[Any]) -> None:
    ask(shop, "CREATE TABLE shop.ref (id int PRIMARY KEY)")
    ask(shop, "CREATE TABLE shop.near (id int PRIMARY KEY, r int REFERENCES shop.ref)")
    ask(shop, "SELECT create_reference_table('shop.ref')")
    gone = ask(shop, "ALTER TABLE shop.near DROP CONSTRAINT near_r_fkey")
    assert gone.notices == [
        (
            "NOTICE: removing table shop.near from metadata as it is not connected to any "
            "reference tables via foreign keys"
        )
    ]
    assert ask(shop, SHOWN).rows == [("ref", "reference")]
