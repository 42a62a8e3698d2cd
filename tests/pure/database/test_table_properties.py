"""What holds for the plans of distributed and of reference tables."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citus.database.distributed_table import DistributedTableProvider
from citus.database.reference_table import ReferenceTableProvider
from citus.database.table import HASH, NONE, SINGLE_SHARD, TableSpec
from citus.database.tracked import DROP, RETAIN, is_subsequence
from citus.errors import Refused
from tests.pure.database.replay import planned, replay
from tests.pure.database.specs import hash_tables, tables

if TYPE_CHECKING:
    from citus.database.statement import Statement

pytestmark = pytest.mark.pure

COMMENT, FOREIGN_KEY = "the comment on table ads.companies", "foreign key campaigns_company_id_fkey"
provider = DistributedTableProvider()
observed_tables = st.builds(
    lambda spec, fits: replace(spec, fits=fits or spec.distribution != HASH), tables, st.booleans()
)


def losing(spec: TableSpec) -> TableSpec:
    return replace(spec, rewrite_loses=(COMMENT,), foreign_keys=(FOREIGN_KEY,))


@given(st.none() | observed_tables, tables)
def test_a_table_is_finished_from_every_prefix(old: Any, new: TableSpec) -> None:
    def after(state: Any, statement: Statement) -> Any:
        values: Any = statement.values
        if "create_" in statement.text:
            return new
        if "update_distributed_table_colocation" in statement.text:
            followed = values["table"] != new.regclass
            return state if followed else replace(state, colocate_with=values["other"])
        argument = statement.text.split(":=")[0].split()[-1]
        return replace(state, **{argument: values["value"]})

    replay(provider, old, new, after)


@given(tables, tables, st.booleans())
def test_what_runs_was_in_a_preview_that_knew_nothing_of_the_shards(
    old: TableSpec,
    new: TableSpec,
    fits: bool,  # noqa: FBT001
) -> None:
    shown = planned(provider, old, new)
    try:
        runs = planned(provider, replace(old, fits=fits), new)
    except Refused:  # one shard that lies elsewhere: in a sentence, and nothing runs
        assert (new.distribution, fits) == (SINGLE_SHARD, False)
        return
    assert is_subsequence(runs, shown)


@given(tables, tables)
def test_a_change_of_what_has_nothing_to_lose_loses_nothing(old: TableSpec, new: TableSpec) -> None:
    assert not any(statement.destroys_data for statement in provider.plan(old, new))


@given(tables, tables)
def test_every_rewrite_names_what_it_takes_away(old: TableSpec, new: TableSpec) -> None:
    for statement in provider.plan(losing(old), new):
        rewrites = "alter_" in statement.text or "undistribute_" in statement.text
        assert statement.destroys_data == rewrites
        assert (COMMENT in statement.why) == rewrites


@given(hash_tables, st.integers(1, 64000))
def test_more_shards_for_all_colocated_tables_keep_the_foreign_keys_between_them(
    spec: TableSpec, count: int
) -> None:
    old, new = losing(replace(spec, shard_count=count)), replace(spec, shard_count=count + 1)
    statement, *_ = provider.plan(old, new)
    alone = spec.colocate_with == NONE and not spec.followers
    assert ("cascade_to_colocated := true" in statement.text) != alone
    assert (FOREIGN_KEY in statement.why) == alone


@given(st.none() | tables, tables)
def test_both_kinds_of_table_plan_alike(old: Any, new: TableSpec) -> None:
    assert planned(provider, old, new) == planned(ReferenceTableProvider(), old, new)


@given(tables)
def test_what_is_not_declared_any_more_stays_by_default(spec: TableSpec) -> None:
    assert provider.plan(replace(spec, on_delete=RETAIN), None) == []
    assert [s.destroys_data for s in provider.plan(replace(spec, on_delete=DROP), None)] == [True]


@given(tables)
def test_no_policy_alone_runs_anything(spec: TableSpec) -> None:
    assert provider.plan(spec, replace(spec, on_delete=DROP)) == []


@given(hash_tables)
def test_a_colocation_that_was_left_is_not_left_again(spec: TableSpec) -> None:
    """``'none'`` makes a new group each time."""
    alone = replace(spec, colocate_with=NONE)
    assert provider.plan(alone, alone) == []
