"""What a rewrite of a table would lose, and how a preview says it."""

from __future__ import annotations

from typing import Any

import pytest

from citus.database import table_plan
from citus.database.table import NONE, TableSpec
from citus.database.tracked import DROP, UNDISTRIBUTE
from tests.pure.database.specs import reference, single_shard, table

pytestmark = pytest.mark.pure

COMMENT, GRANTS = "the comment on table ads.companies", "the grants on view ads.active"
KEY = "foreign key campaigns_company_id_fkey"
CAMPAIGNS = ("ads.campaigns",)
FACTS: dict[str, Any] = {"rewrite_loses": (COMMENT, GRANTS), "foreign_keys": (KEY,)}
KEPT, TAKEN, TAKEN_WITH_KEYS = (
    "",
    f"; loses {COMMENT}, {GRANTS}",
    f"; loses {COMMENT}, {GRANTS}, {KEY}",
)
CASES: dict[str, tuple[TableSpec, TableSpec | None, list[str]]] = {
    "another column": (table(**FACTS), table(column="name"), [TAKEN_WITH_KEYS]),
    "more shards": (table(**FACTS), table(shard_count=64), [TAKEN_WITH_KEYS]),
    # With the tables at the other ends of the keys: those of colocated tables are kept.
    "more shards for its followers, too": (
        table(beside=CAMPAIGNS, **FACTS),
        table(shard_count=64, followers=CAMPAIGNS),
        [TAKEN],
    ),
    "beside another, not known": (
        table(**FACTS),
        table(colocate_with="ads.ads"),
        [KEPT, TAKEN_WITH_KEYS],
    ),
    "beside another that fits": (
        table(fits=True, **FACTS),
        table(colocate_with="ads.ads"),
        [KEPT],
    ),
    "more shards for it alone": (
        table(colocate_with=NONE, **FACTS),
        table(colocate_with=NONE, shard_count=64),
        [TAKEN_WITH_KEYS],
    ),
    "beside none": (table(**FACTS), table(colocate_with=NONE), [KEPT]),
    "to every node": (table(**FACTS), reference(), [TAKEN_WITH_KEYS, KEPT]),
    "to one shard": (table(**FACTS), single_shard(), [TAKEN_WITH_KEYS, KEPT]),
    "undistribute": (table(on_delete=UNDISTRIBUTE, **FACTS), None, [TAKEN_WITH_KEYS]),
    "undistribute what has nothing to lose": (table(on_delete=UNDISTRIBUTE), None, [KEPT]),
    "foreign keys alone, undistribute": (
        table(on_delete=UNDISTRIBUTE, foreign_keys=(KEY,)),
        None,
        [f"; loses {KEY}"],
    ),
    "foreign keys alone, more shards": (
        table(foreign_keys=(KEY,)),
        table(shard_count=64),
        [f"; loses {KEY}"],
    ),
    "foreign keys alone, more shards for its followers, too": (
        table(beside=CAMPAIGNS, foreign_keys=(KEY,)),
        table(shard_count=64, followers=CAMPAIGNS),
        [KEPT],
    ),
    "foreign keys alone, another column": (
        table(foreign_keys=(KEY,)),
        table(column="name"),
        [f"; loses {KEY}"],
    ),
}


@pytest.mark.parametrize(("old", "new", "losses"), CASES.values(), ids=CASES)
def test_a_statement_says_what_it_takes(
    old: TableSpec, new: TableSpec | None, losses: list[str]
) -> None:
    plan = table_plan.plan(old, new)
    assert [s.why[s.why.find("; loses") :] if "; loses" in s.why else "" for s in plan] == losses
    assert [s.destroys_data for s in plan] == [bool(lost) for lost in losses]
    assert ["DESTROYS DATA: " in s.planned() for s in plan] == [bool(lost) for lost in losses]


def test_a_rewrite_says_that_it_blocks_and_needs_room() -> None:
    (one,) = table_plan.plan(table(), table(column="name"))
    (all_of_them,) = table_plan.plan(table(), table(shard_count=64, followers=CAMPAIGNS))
    assert one.why == "rewrites the table, blocking it meanwhile; needs the room for a copy"
    assert all_of_them.why == (
        "rewrites the table and those colocated with it, blocking them meanwhile; "
        "needs the room for a copy"
    )


def test_the_two_ways_to_colocate_say_when_each_of_them_runs() -> None:
    in_place, rewrite = table_plan.plan(table(), table(colocate_with="ads.ads"))
    assert in_place.why == "where the shards of both lie alike: nothing is moved"
    assert rewrite.why.startswith("where they don't: rewrites the table, blocking")


def test_a_drop_takes_every_row() -> None:
    (statement,) = table_plan.plan(reference(on_delete=DROP), None)
    assert statement.planned() == (
        "DROP TABLE ads.companies -- DESTROYS DATA: table ads.companies goes, with every row"
    )


def test_what_a_rewrite_would_lose_is_no_difference() -> None:
    """It is a fact about the database; the program can't declare it."""
    assert table(fits=True, beside=CAMPAIGNS, **FACTS) == table()


def test_what_is_colocated_with_it_is_no_difference() -> None:
    """The followers say it of themselves; strangers come by Citus' choice."""
    assert table(followers=CAMPAIGNS) == table()
