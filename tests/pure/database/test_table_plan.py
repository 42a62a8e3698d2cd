"""How a table is distributed, taken back and refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from citus.database import table_plan
from citus.database.table import HASH, NONE, TableSpec
from citus.database.tracked import DROP, RETAIN, UNDISTRIBUTE
from citus.errors import Refused
from tests.pure.database.specs import ENDPOINT, reference, rendered, single_shard, table

pytestmark = pytest.mark.pure

ADS = "ads.ads"
CREATE = "SELECT create_distributed_table('ads.companies', 'id')"
CREATE_32 = "SELECT create_distributed_table('ads.companies', 'id', shard_count := 32)"
CREATE_BESIDE = "SELECT create_distributed_table('ads.companies', 'id', colocate_with := 'ads.ads')"
CREATE_ALONE = (
    "SELECT create_distributed_table('ads.companies', 'id', "
    "shard_count := 32, colocate_with := 'none')"
)
CREATE_IN_STEPS = (
    "SELECT create_distributed_table_concurrently('ads.companies', 'id', shard_count := 32)"
)
CREATE_SINGLE = "SELECT create_distributed_table('ads.companies', NULL)"
CREATE_SINGLE_BESIDE = (
    "SELECT create_distributed_table('ads.companies', NULL, colocate_with := 'ads.ads')"
)
CREATE_REFERENCE = "SELECT create_reference_table('ads.companies')"
UNDISTRIBUTED = "SELECT undistribute_table('ads.companies')"

MADE = {
    "by a column": (table(), [CREATE]),
    "with a number of shards": (table(shard_count=32), [CREATE_32]),
    "beside another": (table(colocate_with=ADS), [CREATE_BESIDE]),
    "beside none": (table(shard_count=32, colocate_with=NONE), [CREATE_ALONE]),
    "while it is written to": (table(shard_count=32, concurrently=True), [CREATE_IN_STEPS]),
    "in one shard": (single_shard(), [CREATE_SINGLE]),
    "in one shard beside another": (single_shard(colocate_with=ADS), [CREATE_SINGLE_BESIDE]),
    "on every node": (reference(), [CREATE_REFERENCE]),
}


@pytest.mark.parametrize(("new", "expected"), MADE.values(), ids=MADE)
def test_a_table_is_made(new: TableSpec, expected: list[str]) -> None:
    assert rendered(table_plan.plan(None, new)) == expected


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (table(on_delete=RETAIN), []),
        (table(on_delete=UNDISTRIBUTE), [UNDISTRIBUTED]),
        (reference(on_delete=UNDISTRIBUTE), [UNDISTRIBUTED]),
        # Citus refuses it then: what the keys tie to it is never undistributed unasked.
        (table(on_delete=UNDISTRIBUTE, foreign_keys=("foreign key f",)), [UNDISTRIBUTED]),
        (single_shard(on_delete=DROP), ["DROP TABLE ads.companies"]),
        (table(on_delete=DROP), ["DROP TABLE ads.companies"]),
    ],
    ids=[
        "retain",
        "undistribute",
        "undistribute a reference table",
        "undistribute what foreign keys tie to others",
        "drop one shard",
        "drop",
    ],
)
def test_a_policy(spec: TableSpec, expected: list[str]) -> None:
    assert rendered(table_plan.plan(spec, None)) == expected


def test_what_never_was_is_not_removed() -> None:
    assert table_plan.plan(None, None) == []


@pytest.mark.parametrize(
    "plan",
    [
        table_plan.plan(None, table()),
        table_plan.plan(None, table(concurrently=True)),
        table_plan.plan(table(), table(shard_count=64)),
        table_plan.plan(table(), reference()),
        table_plan.plan(table(on_delete=UNDISTRIBUTE), None),
    ],
    ids=["make", "make concurrently", "rewrite", "convert", "undistribute"],
)
def test_what_moves_rows_may_take_as_long_as_it_takes(plan: list[Any]) -> None:
    assert {s.settings["statement_timeout"] for s in plan} == {"0"}


def test_odd_names_are_quoted_as_what_they_are() -> None:
    odd = TableSpec(ENDPOINT, "My 'Ads", "order", HASH, 'Id"', colocate_with='"My \'Ads"."Ö"')
    name = """'"My ''Ads"."order"'"""
    beside = """'"My ''Ads"."Ö"'"""
    other = replace(odd, distribution_column="id", colocate_with=NONE, fits=True)
    assert rendered(table_plan.plan(None, odd)) == [
        f"""SELECT create_distributed_table({name}, 'Id"', colocate_with := {beside})"""
    ]
    assert rendered(table_plan.plan(other, odd)) == [
        f"""SELECT alter_distributed_table({name}, distribution_column := 'Id"')""",
        f"SELECT update_distributed_table_colocation({name}, {beside})",
    ]
    assert rendered(table_plan.plan(replace(odd, on_delete=DROP), None)) == [
        """DROP TABLE "My 'Ads"."order\""""
    ]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (None, table(column=""), "table ads.companies is to be distributed, but by no column"),
        (reference(), table(column=""), "table ads.companies is to be distributed, but by no"),
        (table(), table("firms"), "table ads.companies can't become table ads.firms: declare that"),
        (table(), replace(table(), schema="old"), "table ads.companies can't become table old.com"),
    ],
    ids=["by no column", "converted to no column", "another name", "another schema"],
)
def test_what_can_not_be_is_refused(old: Any, new: TableSpec, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        table_plan.plan(old, new)
