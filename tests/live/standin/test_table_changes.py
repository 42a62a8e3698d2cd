"""Undistributing a table, and changing its column, shards and group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.live.standin.answers import ask

if TYPE_CHECKING:
    import psycopg

pytestmark = pytest.mark.live

SHOWN = (
    "SELECT right(table_name::text, -5), distribution_column, shard_count, "
    "dense_rank() OVER (ORDER BY colocation_id) FROM citus_tables "
    "WHERE table_name::text IN ('shop.a', 'shop.b', 'shop.c') ORDER BY 1"
)
KEYS = (
    "SELECT conname FROM pg_constraint WHERE contype = 'f' "
    "AND connamespace = 'shop'::regnamespace ORDER BY 1"
)


def rewritten(name: str) -> list[str]:
    """Return what Citus says of a table that it makes anew."""
    return [
        f"NOTICE: creating a new table for shop.{name}",
        f"NOTICE: moving the data of shop.{name}",
        f"NOTICE: dropping the old shop.{name}",
        f"NOTICE: renaming the new table to shop.{name}",
    ]


def test_undistribute(made: psycopg.Connection[Any]) -> None:
    assert ask(made, "SELECT undistribute_table('shop.c')").notices == rewritten("c")
    both = ask(made, "SELECT undistribute_table('shop.a', cascade_via_foreign_keys := true)")
    assert both.notices == rewritten("a") + rewritten("b")
    assert ask(made, SHOWN).rows == []
    assert ask(made, KEYS).rows == [("b_id_fkey",)]
    assert ask(made, "SELECT count(*) FROM shop.a").value == 9


def test_another_number_of_shards_for_the_group(made: psycopg.Connection[Any]) -> None:
    call = "'shop.a', shard_count := 4, cascade_to_colocated := true"
    changed = ask(made, f"SELECT alter_distributed_table({call})")
    assert (changed.failure, changed.notices) == (None, rewritten("a") + rewritten("b"))
    assert ask(made, SHOWN).rows == [("a", "id", 4, 2), ("b", "id", 4, 2), ("c", "id", 3, 1)]
    assert ask(made, KEYS).rows == [("b_id_fkey",)]
    groups = "SELECT count(*) FROM pg_dist_colocation WHERE shardcount = 2"
    assert ask(made, groups).value == 1, "the old group is gone, that of `same` is not"
    assert ask(made, "SELECT count(*) FROM shop.a").value == 9


def test_another_number_of_shards_for_one_table(made: psycopg.Connection[Any]) -> None:
    call = "'shop.a', shard_count := 4, cascade_to_colocated := false"
    changed = ask(made, f"SELECT alter_distributed_table({call})")
    warning = "WARNING: foreign key b_id_fkey will be dropped"
    assert changed.notices == [warning, *rewritten("a")]
    assert ask(made, SHOWN).rows == [("a", "id", 4, 3), ("b", "id", 2, 1), ("c", "id", 3, 2)]
    assert ask(made, KEYS).rows == []


def test_another_column_and_another_group(made: psycopg.Connection[Any]) -> None:
    ask(made, "ALTER TABLE shop.b DROP CONSTRAINT b_id_fkey")
    for change, said, row in (
        ("distribution_column := 'other'", [], ("b", "other", 2, 1)),
        (
            "'other', shard_count := 5, cascade_to_colocated := false",
            ["NOTICE: table is already distributed by other"],
            ("b", "other", 5, 3),
        ),
        ("colocate_with := 'shop.a'", [], ("b", "other", 2, 1)),
        ("colocate_with := 'none'", [], ("b", "other", 2, 3)),
        ("colocate_with := 'default'", [], ("b", "other", 2, 1)),
    ):
        changed = ask(made, f"SELECT alter_distributed_table('shop.b', {change})")
        assert (changed.failure, changed.notices) == (None, said + rewritten("b"))
        assert row in ask(made, SHOWN).rows


def test_what_a_rewrite_loses(made: psycopg.Connection[Any]) -> None:
    for statement in (
        "COMMENT ON TABLE shop.a IS 'lost'",
        "COMMENT ON COLUMN shop.a.note IS 'lost'",
        "CREATE VIEW shop.seen AS SELECT note FROM shop.a",
        "GRANT SELECT ON shop.a, shop.seen TO pg_monitor",
        "CREATE FUNCTION shop.f(shop.a) RETURNS text LANGUAGE sql AS 'SELECT $1.note'",
        "SELECT alter_distributed_table('shop.a', shard_count := 4, cascade_to_colocated := true)",
    ):
        assert ask(made, statement).failure is None
    left = ask(
        made,
        "SELECT obj_description('shop.a'::regclass), col_description('shop.a'::regclass, 3), "
        "has_table_privilege('pg_monitor', 'shop.seen', 'SELECT'), "
        "has_table_privilege('pg_monitor', 'shop.a', 'SELECT'), to_regproc('shop.f'), "
        "(SELECT count(*) FROM shop.seen)",
    )
    assert left.rows == [(None, None, False, True, None, 9)]


def test_groups_without_moving_rows(made: psycopg.Connection[Any]) -> None:
    for call, groups in (
        ("'shop.b', 'none'", [("a", 1), ("b", 3), ("c", 2)]),
        ("'shop.b', 'shop.a'", [("a", 1), ("b", 1), ("c", 2)]),
        ("'shop.lone', 'none'", [("a", 1), ("b", 1), ("c", 2)]),
    ):
        changed = ask(made, f"SELECT update_distributed_table_colocation({call})")
        assert (changed.failure, changed.notices) == (None, [])
        assert [(row[0], row[3]) for row in ask(made, SHOWN).rows] == groups
