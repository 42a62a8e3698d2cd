"""What holds for the plans of every kind."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citus.database.distributed_table import DistributedTableProvider
from citus.database.extension import ExtensionProvider
from citus.database.membership import MembershipProvider
from citus.database.placements import PlacementsProvider
from citus.database.rebalance import RebalanceProvider
from citus.database.reference_table import ReferenceTableProvider
from citus.database.role import RoleProvider
from citus.database.schema import SchemaProvider
from citus.database.tracked import is_subsequence
from tests.pure.database.replay import planned, replay
from tests.pure.database.specs import (
    PLANNED_EXAMPLES,
    extensions,
    members,
    memberships,
    placements,
    rebalances,
    roles,
    schemas,
    tables,
    worker,
)

if TYPE_CHECKING:
    from citus.database.statement import Statement

pytestmark = pytest.mark.pure

KINDS = [
    (ExtensionProvider(), extensions),
    (MembershipProvider(), memberships),
    (RoleProvider(), roles),
    (SchemaProvider(), schemas),
    (DistributedTableProvider(), tables),
    (ReferenceTableProvider(), tables),
    (PlacementsProvider(), placements),
    (RebalanceProvider(), rebalances),
]
Kind = tuple[Any, Any]
specs_of_a_kind = st.sampled_from(KINDS).flatmap(lambda k: st.tuples(st.just(k[0]), k[1]))


@given(specs_of_a_kind)
def test_nothing_is_to_do_for_what_is_as_declared(kind: Kind) -> None:
    provider, spec = kind
    assert provider.plan(spec, spec) == []


@given(specs_of_a_kind)
def test_planning_twice_gives_the_same(kind: Kind) -> None:
    provider, spec = kind
    assert planned(provider, None, spec) == planned(provider, None, replace(spec))


@given(specs_of_a_kind)
def test_inputs_are_read_back_as_they_were_written(kind: Kind) -> None:
    provider, spec = kind
    assert provider.decode(provider.encode(spec)) == spec


@given(specs_of_a_kind)
def test_no_secret_is_in_a_preview_or_a_repr(kind: Kind) -> None:
    provider, spec = kind
    plan = provider.plan(None, spec)
    shown = "\n".join([repr(spec), repr(plan), *(s.planned() for s in plan)])
    assert spec.endpoint.password not in shown
    if getattr(spec, "password", None):
        assert spec.password not in shown.replace(spec.name, "")


@pytest.mark.parametrize(("provider", "spec"), PLANNED_EXAMPLES)
def test_a_changed_endpoint_alone_runs_no_sql(provider: Any, spec: Any) -> None:
    moved = replace(spec, endpoint=replace(spec.endpoint, port=1, password="another one"))
    assert provider.plan(spec, moved) == []


@given(st.none() | roles, roles)
def test_a_role_is_finished_from_every_prefix(old: Any, new: Any) -> None:
    def after(state: Any, statement: Statement) -> Any:
        if statement.text.startswith("CREATE"):
            return replace(new, nodes=(), login=False, password=None, connection_limit=-1)
        if statement.text.startswith("ALTER"):
            # Observing, a node counts where its entry has the declared password.
            kept = state.nodes if state.password == new.password else ()
            return replace(
                state,
                login=True,
                password=new.password,
                nodes=kept,
                connection_limit=new.connection_limit,
            )
        return replace(state, nodes=new.nodes)

    replay(RoleProvider(), old and replace(old, name=new.name), new, after)


@given(st.none() | schemas, schemas)
def test_a_schema_is_finished_from_every_prefix(old: Any, new: Any) -> None:
    """It is an empty one, which is on no node yet: one with tables moves at the next up."""

    def after(state: Any, statement: Statement) -> Any:
        if statement.text.startswith("CREATE"):
            return replace(new, distributed=bool(statement.settings))
        if "RENAME" in statement.text:
            return replace(state, name=new.name)
        if "OWNER" in statement.text:
            return replace(state, owner=new.owner)
        if "move" in statement.text:
            return replace(state, node=new.node)
        return replace(state, distributed="undistribute" not in statement.text, node=new.node)

    replay(SchemaProvider(), old, new, after)


@given(memberships, st.data())
def test_a_membership_is_finished_from_every_prefix(new: Any, data: Any) -> None:
    """Of the nodes there were, some sleep, some hold no shards, some leave, some are elsewhere."""
    some = st.sets(st.sampled_from(range(7)))
    had, asleep, empty, bare, elsewhere = (data.draw(some) for _ in range(5))
    rows = {
        f"worker-{i}": worker(
            i,
            active=i not in asleep,
            port=7000 + i if i in elsewhere else None,
            should_have_shards=i not in empty,
            has_reference_tables=i not in bare,
        )
        for i in had
    }
    old = data.draw(st.sampled_from([None, members(rows)]))
    replay(MembershipProvider(), old, new, lambda state, ran: _nodes_after(state, new, ran))


def _nodes_after(state: Any, new: Any, ran: Statement) -> Any:
    state = state or members({})
    values: Any = ran.values
    if "coordinator" in ran.text:
        return replace(state, coordinator=new.coordinator)
    rows = dict(state.workers)
    name = next(
        (
            n
            for n, w in rows.items()
            if (w.host, w.port) == (values.get("host"), values.get("port"))
        ),
        f"worker-{values.get('groupid', 0) - 1}",
    )
    if "replicate" in ran.text:
        rows = {n: replace(w, has_reference_tables=True) for n, w in rows.items()}
    elif "cleanup" in ran.text:
        [name] = [n for n in rows if f" {n};" in ran.why]
        rows[name] = replace(rows[name], orphans=0)
    elif "remove" in ran.text:
        del rows[name]
    elif "drain" in ran.text:
        rows[name] = replace(rows[name], shards=0, should_have_shards=False)
    elif "property" in ran.text:
        rows[name] = replace(rows[name], should_have_shards=ran.text.endswith("true)"))
    elif "activate" in ran.text:
        rows[name] = replace(rows[name], active=True)
    elif "update" in ran.text:
        rows[name] = replace(rows[name], host=values["host"], port=values["port"])
    else:
        rows[name] = replace(new.workers[name], has_reference_tables=False)
    return replace(state, workers=rows)


@given(st.none() | rebalances, rebalances)
def test_a_rebalance_is_finished_from_every_prefix(old: Any, new: Any) -> None:
    """What is recorded is what it served at its end; in between, the threshold is observed."""

    def after(state: Any, statement: Statement) -> Any:
        if statement.text.startswith("UPDATE"):
            return state and replace(state, strategy=new.strategy, threshold=new.threshold)
        return new

    provider = RebalanceProvider()
    plan = provider.plan(old, new)
    first, state = planned(provider, old, new), old
    for statement in plan:
        state = after(state, statement)
        if state is not None and state != new:
            assert is_subsequence(planned(provider, state, new), first)
    assert state is None or provider.plan(state, new) == []


@given(extensions)
def test_an_extension_is_finished_from_every_prefix(new: Any) -> None:
    replay(ExtensionProvider(), None, new, lambda _state, _statement: new)


@given(memberships)
def test_workers_join_in_the_order_of_their_groups(new: Any) -> None:
    plan = MembershipProvider().plan(None, new)
    groups: list[Any] = [s.values["groupid"] for s in plan if "groupid" in s.values]
    assert groups == sorted(groups)
    assert len(groups) == len(new.workers)
    assert worker(0).groupid == 1


@given(st.lists(st.sampled_from("abc"), max_size=6), st.data())
def test_a_subsequence_is_the_whole_with_some_left_out(whole: list[str], data: Any) -> None:
    keep = data.draw(st.lists(st.booleans(), min_size=len(whole), max_size=len(whole)))
    part = [entry for entry, kept in zip(whole, keep, strict=True) if kept]
    assert is_subsequence(part, whole)
    assert not is_subsequence([*part, "z"], whole)


@pytest.mark.parametrize(
    ("part", "whole"), [(["b", "a"], ["a", "b"]), (["a", "a"], ["a"]), (["a"], [])]
)
def test_order_and_number_matter_in_a_subsequence(part: list[str], whole: list[str]) -> None:
    assert not is_subsequence(part, whole)
