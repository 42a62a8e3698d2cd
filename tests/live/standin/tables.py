"""Tables in a schema `shop`: one of each sort, and some that are to be changed."""

from __future__ import annotations

TABLES = {
    "item": "CREATE TABLE shop.item (id int PRIMARY KEY, note text, made date)",
    "big": "CREATE TABLE shop.big (id bigint, b int)",
    "parted": "CREATE TABLE shop.parted (id int, made date) PARTITION BY RANGE (made)",
    "part": (
        "CREATE TABLE shop.part PARTITION OF shop.parted "
        "FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')"
    ),
    "odd": "CREATE TABLE shop.odd (j json, id int, next int GENERATED ALWAYS AS (id + 1) STORED)",
    "reacts": "CREATE TABLE shop.reacts (id int)",
    "seen": "CREATE VIEW shop.seen AS SELECT 1 AS id",
    "temporary": "CREATE TEMP TABLE temporary (id int)",
    "other": "CREATE TABLE shop.other (id int)",
    "lone": "CREATE TABLE shop.lone (id int)",
    "ref": "CREATE TABLE shop.ref (id int)",
}
DONE = (
    "SELECT create_distributed_table('shop.other', 'id', shard_count := 2)",
    "SELECT create_distributed_table('shop.lone', NULL)",
    "SELECT create_reference_table('shop.ref')",
    (
        "CREATE TRIGGER twice BEFORE UPDATE ON shop.reacts "
        "FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()"
    ),
)

MADE = (
    "CREATE TABLE shop.a (id int PRIMARY KEY, b int, note text)",
    "CREATE TABLE shop.b (id int REFERENCES shop.a, other int)",
    "CREATE TABLE shop.c (id bigint)",
    "CREATE TABLE shop.lone (id int)",
    "CREATE TABLE shop.ref (id int PRIMARY KEY)",
    "CREATE TABLE shop.plain (id int)",
    "CREATE TABLE shop.same (id int GENERATED ALWAYS AS IDENTITY)",
    "SELECT create_distributed_table('shop.a', 'id', shard_count := 2)",
    "SELECT create_distributed_table('shop.b', 'id', colocate_with := 'shop.a')",
    "SELECT create_distributed_table('shop.c', 'id', shard_count := 3)",
    "SELECT create_distributed_table('shop.lone', NULL)",
    "SELECT create_reference_table('shop.ref')",
    "SELECT create_distributed_table('shop.same', 'id', 'hash', 'none', 2)",
    "INSERT INTO shop.a SELECT i, i, 'x' FROM generate_series(1, 9) i",
)
