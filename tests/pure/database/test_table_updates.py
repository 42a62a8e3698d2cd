"""Citus' update map: which change of a table runs what."""

from __future__ import annotations

from typing import Any

import pytest

from citus.database import table_plan
from citus.database.table import DEFAULT, NONE, SINGLE_SHARD, TableSpec
from citus.database.tracked import DROP
from citus.errors import Refused
from tests.pure.database.specs import reference, rendered, single_shard, table

pytestmark = pytest.mark.pure

ADS, CAMPAIGNS = "ads.ads", "ads.campaigns"
CREATE = "SELECT create_distributed_table('ads.companies', 'id')"
CREATE_32 = "SELECT create_distributed_table('ads.companies', 'id', shard_count := 32)"
CREATE_SINGLE = "SELECT create_distributed_table('ads.companies', NULL)"
CREATE_SINGLE_BESIDE = (
    "SELECT create_distributed_table('ads.companies', NULL, colocate_with := 'ads.ads')"
)
CREATE_REFERENCE = "SELECT create_reference_table('ads.companies')"
UNDISTRIBUTED = "SELECT undistribute_table('ads.companies')"
BY_NAME = "SELECT alter_distributed_table('ads.companies', distribution_column := 'name')"
TO_64 = "SELECT alter_distributed_table('ads.companies', shard_count := 64)"
TO_64_ALL = (
    "SELECT alter_distributed_table('ads.companies', "
    "shard_count := 64, cascade_to_colocated := true)"
)
TO_64_ALONE = (
    "SELECT alter_distributed_table('ads.companies', shard_count := 64, colocate_with := 'none')"
)
MOVED_BESIDE = "SELECT alter_distributed_table('ads.companies', colocate_with := 'ads.ads')"
BESIDE = "SELECT update_distributed_table_colocation('ads.companies', 'ads.ads')"
ALONE = "SELECT update_distributed_table_colocation('ads.companies', 'none')"
FOLLOWED = "SELECT update_distributed_table_colocation('ads.campaigns', 'ads.companies')"

UPDATES: dict[str, tuple[TableSpec, TableSpec, list[str]]] = {
    "nothing, by a column": (table(), table(), []),
    "nothing, in one shard": (single_shard(), single_shard(), []),
    "nothing, on every node": (reference(), reference(), []),
    "another column": (table(), table(column="name"), [BY_NAME]),
    "more shards": (table(shard_count=32), table(shard_count=64), [TO_64]),
    "shards declared that were Citus' choice": (table(), table(shard_count=64), [TO_64]),
    "more shards for its followers, too": (
        table(shard_count=32, beside=(CAMPAIGNS,)),
        table(shard_count=64, followers=(CAMPAIGNS,)),
        [TO_64_ALL],
    ),
    "shards left to Citus again": (table(shard_count=32), table(), []),
    "another column and more shards": (
        table(shard_count=32),
        table(column="name", shard_count=64),
        [BY_NAME, TO_64],
    ),
    "beside another, it isn't known whether they fit": (
        table(),
        table(colocate_with=ADS),
        [BESIDE, MOVED_BESIDE],
    ),
    "beside another that fits": (table(fits=True), table(colocate_with=ADS), [BESIDE]),
    "beside another that doesn't fit": (
        table(fits=False),
        table(colocate_with=ADS),
        [MOVED_BESIDE],
    ),
    "beside another than before": (
        table(colocate_with="ads.campaigns"),
        table(colocate_with=ADS),
        [BESIDE, MOVED_BESIDE],
    ),
    "in one shard, beside another": (
        single_shard(),
        single_shard(colocate_with=ADS),
        [BESIDE],
    ),
    "beside none": (table(colocate_with=ADS), table(colocate_with=NONE), [ALONE]),
    "beside none and more shards": (
        table(shard_count=32, colocate_with=ADS),
        table(shard_count=64, colocate_with=NONE),
        [ALONE, TO_64_ALONE],
    ),
    "beside none, with those that are beside it": (
        table(colocate_with=ADS, beside=(ADS, CAMPAIGNS)),
        table(colocate_with=NONE, followers=(CAMPAIGNS, "ads.clicks")),
        [ALONE, FOLLOWED],
    ),
    "beside none, where Citus chose": (
        table(beside=(ADS,)),
        table(colocate_with=NONE),
        [ALONE],
    ),
    "beside none, joined by strangers": (
        table(colocate_with=NONE, beside=(ADS,)),
        table(colocate_with=NONE),
        [],
    ),
    "more shards, beside none": (
        table(shard_count=32, colocate_with=NONE),
        table(shard_count=64, colocate_with=NONE),
        [TO_64_ALONE],
    ),
    # Citus puts what it rewrites beside any table that has as many shards.
    "more shards, with those that are beside it alone": (
        table(shard_count=32, colocate_with=NONE, beside=(CAMPAIGNS,)),
        table(shard_count=64, colocate_with=NONE, followers=(CAMPAIGNS,)),
        [TO_64_ALL, ALONE, FOLLOWED],
    ),
    "those that are beside it": (
        table(colocate_with=NONE),
        table(colocate_with=NONE, followers=(CAMPAIGNS,)),
        [],
    ),
    "another column and beside another": (
        table(fits=True),
        table(column="name", colocate_with=ADS),
        [BY_NAME, BESIDE],
    ),
    "beside what Citus chooses": (table(colocate_with=ADS), table(), []),
    "concurrently, when it is there": (table(), table(concurrently=True), []),
    "another policy": (table(), table(on_delete=DROP), []),
    "from columns to every node": (table(), reference(), [UNDISTRIBUTED, CREATE_REFERENCE]),
    "from every node to columns": (
        reference(),
        table(shard_count=32),
        [UNDISTRIBUTED, CREATE_32],
    ),
    "from columns to one shard": (table(), single_shard(), [UNDISTRIBUTED, CREATE_SINGLE]),
    "from one shard to columns": (single_shard(), table(), [UNDISTRIBUTED, CREATE]),
    "from one shard to every node": (
        single_shard(),
        reference(),
        [UNDISTRIBUTED, CREATE_REFERENCE],
    ),
    "from every node to one shard": (
        reference(),
        single_shard(colocate_with=ADS),
        [UNDISTRIBUTED, CREATE_SINGLE_BESIDE],
    ),
    # create_distributed_table_concurrently can't be part of a transaction.
    "from every node to columns, concurrently": (
        reference(),
        table(shard_count=32, concurrently=True),
        [UNDISTRIBUTED, CREATE_32],
    ),
}


@pytest.mark.parametrize(("old", "new", "expected"), UPDATES.values(), ids=UPDATES)
def test_a_change(old: TableSpec, new: TableSpec, expected: list[str]) -> None:
    assert rendered(table_plan.plan(old, new)) == expected


def test_a_conversion_is_one_transaction() -> None:
    """Else its rows would lie on the coordinator alone where a run ends between the two."""
    plan = table_plan.plan(table(), reference())
    assert {s.transaction for s in plan} == {"table ads.companies becomes reference"}
    modes = [s.settings.get("citus.multi_shard_modify_mode") for s in plan]
    assert modes == ["sequential", "sequential"]


@pytest.mark.parametrize(("old", "new", "expected"), UPDATES.values(), ids=UPDATES)
def test_every_other_change_commits_by_itself(
    old: TableSpec, new: TableSpec, expected: list[str]
) -> None:
    labels = [s.transaction for s in table_plan.plan(old, new)]
    assert (None in labels) == bool(expected and old.distribution == new.distribution)


@pytest.mark.parametrize("more", [{}, {"foreign_keys": ("foreign key f",)}], ids=["", "keys"])
@pytest.mark.parametrize("colocation", [DEFAULT, NONE])
def test_more_shards_are_refused_beside_strangers(colocation: str, more: Any) -> None:
    """Alone it would lose its joins with them, and take them along unasked with them."""
    old = table(shard_count=32, colocate_with=colocation, beside=(ADS, CAMPAIGNS), **more)
    with pytest.raises(Refused) as refused:
        table_plan.plan(
            old, table(shard_count=64, colocate_with=colocation, followers=(CAMPAIGNS,))
        )
    assert str(refused.value) == (
        "table ads.companies shares its shards with ads.ads by Citus' choice: declare "
        "colocateWith there first, this table to change both, or none to part them"
    )


def test_a_single_shard_that_lies_elsewhere_is_not_passed_over() -> None:
    old, new = single_shard(fits=False), single_shard(colocate_with=ADS)
    assert old.distribution == SINGLE_SHARD
    try:
        assert table_plan.plan(old, new) != []
    except Refused:  # a sentence is as good
        return
