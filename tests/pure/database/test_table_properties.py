"""What holds for the plans of distributed and of reference tables."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citus.database.distributed_table import DistributedTableProvider
from citus.database.reference_table import ReferenceTableProvider
from citus.database.table import DEFAULT, HASH, NONE, SINGLE_SHARD, TableSpec
from citus.database.tracked import DROP, RETAIN, is_subsequence
from citus.errors import Refused
from tests.pure.database.replay import planned, replay
from tests.pure.database.specs import hash_tables, tables

if TYPE_CHECKING:
    from citus.database.statement import Statement

pytestmark = pytest.mark.pure

COMMENT, FOREIGN_KEY = "the comment on table ads.companies", "foreign key campaigns_company_id_fkey"
provider = DistributedTableProvider()
STRANGERS = "ads.strangers"
groups = st.sampled_from([(), ("ads.campaigns",), ("ads.clicks", STRANGERS), (STRANGERS,)])
observed_tables = st.builds(
    lambda spec, fits, beside: (
        replace(spec, fits=fits, beside=beside)
        if spec.distribution == HASH
        else replace(spec, fits=True)
    ),
    tables,
    st.booleans(),
    groups,
)
heads = hash_tables.filter(lambda spec: spec.colocate_with in (DEFAULT, NONE))


def losing(spec: TableSpec) -> TableSpec:
    return replace(spec, rewrite_loses=(COMMENT,), foreign_keys=(FOREIGN_KEY,))


@given(st.none() | observed_tables, tables)
def test_a_table_is_finished_from_every_prefix(old: Any, new: TableSpec) -> None:
    def after(state: Any, statement: Statement) -> Any:
        values: Any = statement.values
        if "create_" in statement.text:
            return new
        if "update_distributed_table_colocation" in statement.text:
            if values["table"] != new.regclass:
                return replace(state, beside=(*state.beside, values["table"]))
            alone = values["other"] == NONE
            beside = () if alone else (values["other"],)
            return replace(state, colocate_with=values["other"], beside=beside)
        argument = statement.text.split(":=")[0].split()[-1]
        beside = state.beside if "cascade_to_colocated" in statement.text else ()
        return replace(state, beside=beside, **{argument: values["value"]})

    try:
        provider.plan(old, new)
    except Refused:  # more shards beside strangers: in a sentence, and nothing has run
        assert set(old.beside) - set(new.followers)
        assert new.shard_count != old.shard_count
        return
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


def more_shards(spec: TableSpec, count: int, *strangers: str) -> tuple[TableSpec, TableSpec]:
    """Give a table beside its followers and *strangers*, and the same with one more shard."""
    old = replace(spec, shard_count=count, beside=(*spec.followers, *strangers))
    return old, replace(spec, shard_count=count + 1)


@given(hash_tables, st.integers(1, 64000))
def test_more_shards_for_all_colocated_tables_keep_the_foreign_keys_between_them(
    spec: TableSpec, count: int
) -> None:
    old, new = more_shards(spec, count)
    statement, *_ = provider.plan(losing(old), new)
    alone = not spec.followers
    assert ("cascade_to_colocated := true" in statement.text) != alone
    assert ("colocate_with := 'none'" in statement.text) == (alone and spec.colocate_with == NONE)
    assert (FOREIGN_KEY in statement.why) == alone


@given(heads, st.integers(1, 64000))
def test_more_shards_neither_take_strangers_along_nor_leave_them(
    spec: TableSpec, count: int
) -> None:
    old, new = more_shards(spec, count, STRANGERS)
    for crowded in (old, losing(old)):
        with pytest.raises(Refused, match=f"shares its shards with {STRANGERS} by Citus' choice"):
            provider.plan(crowded, new)


@given(heads)
def test_a_table_parts_from_strangers_with_its_followers(spec: TableSpec) -> None:
    old = replace(spec, colocate_with=DEFAULT, beside=(STRANGERS, *spec.followers))
    parted, *followed = provider.plan(old, replace(spec, colocate_with=NONE))
    assert parted.values == {"table": spec.regclass, "other": NONE}
    assert [s.values["table"] for s in followed] == list(spec.followers)


@given(heads, heads)
def test_strangers_are_no_drift(one: TableSpec, other: TableSpec) -> None:
    crowded = replace(one, beside=(*one.followers, STRANGERS))
    assert provider.plan(crowded, one) == []
    same = replace(other, colocate_with=one.colocate_with)
    assert (crowded == same) == (one == same)


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
