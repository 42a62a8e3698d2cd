"""What shares a colour, and how its boxes are called."""

from __future__ import annotations

import pytest

from tests.pure.tools.clusters import cluster, table
from tools.shard_map.groups import groups_of, held

pytestmark = pytest.mark.pure


def test_colocated_tables_share_a_letter_and_the_largest_are_first() -> None:
    small, a, b = table("s", group=1), table("a", group=2, shards=2), table("b", group=2, shards=2)
    shown = cluster(2, {small: [(1, 10)], a: [(1, 50), (2, 50)], b: [(1, 1), (2, 1)]})
    groups = groups_of(shown)
    assert [(g.key, g.title) for g in groups] == [
        ("A", "app.a, app.b: 2 shards each"),
        ("B", "app.s: 1 shard"),
    ]
    assert [cell.label for cell in held(shown, groups[0], 2)] == ["A1"]


def test_schemas_and_reference_tables_go_by_their_names_and_local_ones_are_left_out() -> None:
    shown = cluster(
        1,
        {
            table("orders", "schema", group=5, schema="acme"): [(1, 1)],
            table("items", "schema", group=5, schema="acme"): [(1, 1)],
            table("orders", "schema", group=6, schema="apex"): [(1, 1)],
            table("ips", "reference", group=7): [(0, 1), (1, 1)],
            table("one", "single shard", group=8): [(1, 1)],
            table("log", "local", group=0): [(0, 1)],
        },
    )
    groups = groups_of(shown)
    assert [(g.key, g.title) for g in groups] == [
        ("T", "one shard: app.one"),
        ("S", "2 distributed schemas"),
        ("R", "on every node: app.ips"),
    ]
    labels = [[cell.label for cell in held(shown, group, 1)] for group in groups]
    assert labels == [["app.one"], ["acme", "apex"], ["app.ips"]]


def test_letters_do_not_run_out() -> None:
    tables = {table(f"t{i:02}", group=i + 1): [(1, 100 - i)] for i in range(40)}
    keys = [group.key for group in groups_of(cluster(1, tables))]
    assert keys[15:19] == ["P", "Q", "AA", "AB"]
    assert len(set(keys)) == 40
    assert not {"R", "S", "T"} & set(keys)
