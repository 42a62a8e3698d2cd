"""Distributed tables: what may be one, and what the catalogues show of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.live.standin.answers import Failure, ask
from tests.live.standin.tables import TABLES

if TYPE_CHECKING:
    import psycopg

pytestmark = pytest.mark.live

WHERE = (
    "SELECT shardminvalue, shardmaxvalue, groupid, shardstorage, shardstate, shardlength "
    "FROM pg_dist_shard JOIN pg_dist_placement USING (shardid) "
    "WHERE logicalrelid = 'shop.{}'::regclass ORDER BY shardid, placementid"
)
SHOWN = (
    "SELECT table_name::text, citus_table_type, distribution_column, shard_count, "
    "colocation_id - min(colocation_id) OVER () FROM citus_tables ORDER BY colocation_id, 1"
)


def test_a_table_by_its_rows(shop: psycopg.Connection[Any]) -> None:
    ask(shop, TABLES["item"])
    ask(shop, "INSERT INTO shop.item SELECT i FROM generate_series(1, 9) i")
    made = ask(shop, "SELECT create_distributed_table('shop.item', 'id', shard_count := 3)")
    assert (made.value, made.notices) == ("", [])
    row = ask(
        shop,
        "SELECT partmethod, repmodel, autoconverted, column_to_column_name(logicalrelid, partkey), "
        "partkey, shardcount, replicationfactor, distributioncolumntype::regtype::text, "
        "distributioncolumncollation "
        "FROM pg_dist_partition JOIN pg_dist_colocation USING (colocationid)",
    )
    key = (
        "{VAR :varno 1 :varattno 1 :vartype 23 :vartypmod -1 :varcollid 0 :varlevelsup 0 "
        ":varnosyn 1 :varattnosyn 1 :location -1}"
    )
    assert row.rows == [("h", "s", False, "id", key, 3, 1, "integer", 0)]
    assert ask(shop, WHERE.format("item")).rows == [
        ("-2147483648", "-715827884", 1, "t", 1, 0),
        ("-715827883", "715827881", 2, "t", 1, 0),
        ("715827882", "2147483647", 3, "t", 1, 0),
    ]
    assert ask(shop, "SELECT count(*), sum(id) FROM shop.item").rows == [(9, 45)]


def test_shards_go_to_the_nodes_in_turn(shop: psycopg.Connection[Any]) -> None:
    ask(shop, TABLES["item"])
    ask(shop, "SELECT create_distributed_table('shop.item', 'id')")
    places = ask(shop, WHERE.format("item")).rows
    assert [place[2] for place in places] == [1 + i % 3 for i in range(32)]
    shards = ask(
        shop,
        "SELECT count(*), count(DISTINCT nodeport), bool_and(shard_name = 'shop.item_' || shardid) "
        "FROM citus_shards",
    )
    assert shards.rows == [(32, 3, True)]


def test_the_setting_is_the_default_number_of_shards(shop: psycopg.Connection[Any]) -> None:
    ask(shop, TABLES["item"])
    ask(shop, "SET citus.shard_count TO 5")
    ask(shop, "SELECT create_distributed_table('shop.item', 'id')")
    ask(shop, "RESET citus.shard_count")
    assert ask(shop, SHOWN).rows == [("shop.item", "distributed", "id", 5, 0)]


def test_tables_of_one_type_share_a_group(shop: psycopg.Connection[Any]) -> None:
    for name in "abcdefgh":
        ask(shop, f"CREATE TABLE shop.{name} (id int, big bigint)")
    for call in (
        "'shop.a', 'id', shard_count := 2",
        "'shop.b', 'id', shard_count := 2, colocate_with := 'none'",
        "'shop.c', 'id', shard_count := 2, colocate_with := 'DEFAULT'",
        "'shop.d', 'id', colocate_with := 'shop.b'",
        "'shop.e', 'big', shard_count := 2",
        "'shop.f', NULL, colocate_with := 'none'",
        "'shop.g', NULL",
        "'shop.h', NULL, colocate_with := 'shop.f'",
    ):
        assert ask(shop, f"SELECT create_distributed_table({call})").failure is None
    assert ask(shop, SHOWN).rows == [
        *((f"shop.{name}", "distributed", "id", 2, 0) for name in "ac"),
        *((f"shop.{name}", "distributed", "id", 2, 1) for name in "bd"),
        ("shop.e", "distributed", "big", 2, 2),
        *((f"shop.{name}", "distributed", "<none>", 1, 3) for name in "fgh"),
    ]
    assert len({place for name in "fgh" for place in ask(shop, WHERE.format(name)).rows}) == 1


def test_colocated_names_are_looked_up_in_the_search_path(shop: psycopg.Connection[Any]) -> None:
    ask(shop, "SET search_path = shop")
    for name, more in (("a", "colocate_with := 'none'"), ("b", "colocate_with := 'a'")):
        ask(shop, f"CREATE TABLE {name} (id int)")
        assert not ask(shop, f"SELECT create_distributed_table('{name}', 'id', {more})").failure
    assert ask(shop, "SHOW search_path").value == "shop"
    ask(shop, "RESET search_path")
    assert {row[4] for row in ask(shop, SHOWN).rows} == {0}


def test_partitions_go_with_their_table(shop: psycopg.Connection[Any]) -> None:
    for statement in (
        TABLES["parted"],
        TABLES["part"],
        "SELECT create_distributed_table('shop.parted', 'id', shard_count := 2)",
        (
            "CREATE TABLE shop.later PARTITION OF shop.parted "
            "FOR VALUES FROM ('2021-01-01') TO ('2022-01-01')"
        ),
        "CREATE TABLE shop.joined (id int, made date)",
        (
            "ALTER TABLE shop.parted ATTACH PARTITION shop.joined "
            "FOR VALUES FROM ('2022-01-01') TO ('2023-01-01')"
        ),
    ):
        assert ask(shop, statement).failure is None
    names = ["joined", "later", "part", "parted"]
    assert ask(shop, SHOWN).rows == [(f"shop.{n}", "distributed", "id", 2, 0) for n in names]


def test_entries_follow_a_table_until_it_is_dropped(shop: psycopg.Connection[Any]) -> None:
    for name in ("item", "other"):
        ask(shop, TABLES[name])
        ask(shop, f"SELECT create_distributed_table('shop.{name}', 'id', shard_count := 2)")
    for statement in (
        "ALTER TABLE shop.item RENAME TO thing",
        "ALTER TABLE shop.thing RENAME COLUMN id TO number",
        "CREATE SCHEMA elsewhere",
        "ALTER TABLE shop.thing SET SCHEMA elsewhere",
        "TRUNCATE elsewhere.thing",
    ):
        assert ask(shop, statement).failure is None
    assert ask(shop, SHOWN).rows == [
        ("elsewhere.thing", "distributed", "number", 2, 0),
        ("shop.other", "distributed", "id", 2, 0),
    ]
    ask(shop, "DROP SCHEMA elsewhere CASCADE")
    assert ask(shop, "SELECT count(*) FROM pg_dist_colocation").value == 1
    ask(shop, "DROP TABLE shop.other")
    assert ask(shop, "SELECT count(*) FROM pg_dist_colocation").value == 0


def test_a_transaction_takes_a_table_back(shop: psycopg.Connection[Any]) -> None:
    ask(shop, TABLES["item"])
    ask(shop, "BEGIN")
    assert ask(shop, "SELECT create_distributed_table('shop.item', 'id')").failure is None
    ask(shop, "ROLLBACK")
    assert ask(shop, SHOWN).rows == []


def test_what_an_altered_table_must_stay(tables: psycopg.Connection[Any]) -> None:
    key = Failure("XX000", "cannot execute ALTER TABLE command involving partition column")
    unique = "creating unique indexes on non-partition columns is currently unsupported"
    for statement, failure in {
        "ALTER TABLE shop.other DROP COLUMN id": key,
        "ALTER TABLE shop.other ALTER COLUMN id TYPE bigint": key,
        "ALTER TABLE shop.other ADD COLUMN note text": None,
        "CREATE UNIQUE INDEX ON shop.other (note)": Failure("0A000", unique),
        "CREATE UNIQUE INDEX ON shop.other (note, id)": None,
    }.items():
        assert ask(tables, statement).failure == failure
