"""The table, continued: what becomes of each kind when it is no longer declared."""

from __future__ import annotations

from dataclasses import replace

import pytest

from citus.database import permit
from citus.database.errors import StatementFailed
from citus.database.provider import DELETE_SQL
from citus.errors import Refused
from tests.live.database.kind import Kind, Left
from tests.live.database.kinds import KINDS
from tests.live.database.place import Place
from tests.live.database.test_life import the_connection_is_lost_at
from tests.live.declared import Declared
from tests.live.server_log import statements_of_plans, without_why

pytestmark = pytest.mark.live

each_policy = pytest.mark.parametrize(
    ("kind", "policy", "left"),
    [pytest.param(k, p, k.left[p], id=f"{k}: {p}") for k in KINDS for p in k.left],
)


def what_is_left(place: Place, left: Left) -> tuple[object, ...]:
    [row] = place.by_hand(left.question)
    return row


def permitted(resource: Declared, place: Place) -> None:
    """Permit what the resource's removal asks for, as `citus:allowDataLoss` does."""
    del place
    requests = [e for e in resource.outputs.get(DELETE_SQL, []) if "config set" in e]
    resource.provider.permits = tuple(r.split()[-1] for r in requests)  # type: ignore[attr-defined]


def test_each_policy_of_each_kind_is_in_the_table() -> None:
    for kind in KINDS:
        assert not kind.left or set(kind.left) == set(kind.provider.policies)


@each_policy
def test_what_is_no_longer_declared_goes_as_its_policy_says(
    kind: Kind, policy: str, left: Left, kind_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource, declared = kind.resource(), kind.declare(kind_place)
    if kind.left["retain"] is not left:
        declared = replace(declared, on_delete=policy)
    resource.up(declared)
    resource.refresh()
    assert not resource.changes(declared)
    shown = permit.statements(resource.inputs.get(DELETE_SQL, []))
    permitted(resource, kind_place)
    with statements_of_plans(kind_place.cluster, monkeypatch) as ran:
        resource.delete()
    assert ran.statements == without_why(shown)
    assert what_is_left(kind_place, left) == left.answer


@each_policy
def test_what_is_gone_already_is_no_error(
    kind: Kind, policy: str, left: Left, kind_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource, declared = kind.resource(), replace(kind.declare(kind_place), on_delete=policy)
    resource.up(declared)
    kind_place.by_hand(kind.gone)
    with statements_of_plans(kind_place.cluster, monkeypatch) as ran:
        resource.delete()
    assert ran.statements == []
    assert left


@pytest.mark.parametrize("kind", [k for k in KINDS if k.left], ids=str)
def test_another_policy_alone_runs_no_sql_and_holds_at_once(
    kind: Kind, kind_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource, declared = kind.resource(), kind.declare(kind_place)
    resource.up(declared)
    dropping = replace(declared, on_delete="drop")
    assert resource.changes(dropping)
    with statements_of_plans(kind_place.cluster, monkeypatch) as ran:
        assert resource.up(dropping) == []
    assert ran.statements == []
    assert resource.outputs[DELETE_SQL]
    resource.up(declared)
    assert DELETE_SQL not in resource.outputs


@pytest.mark.parametrize("kind", [k for k in KINDS if "drop" in k.left], ids=str)
def test_a_removal_that_died_at_a_statement_is_finished_by_the_next(
    kind: Kind, kind_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = replace(kind.declare(kind_place), on_delete="drop")
    steps = len(permit.statements(kind.resource().check(first)[DELETE_SQL]))
    for dies_at in range(steps):
        resource = kind.resource()
        resource.up(first)
        permitted(resource, kind_place)
        with (
            the_connection_is_lost_at(dies_at, monkeypatch),
            pytest.raises(StatementFailed, match="run it again"),
        ):
            resource.delete()
    permitted(resource, kind_place)
    resource.delete()
    assert what_is_left(kind_place, kind.left["drop"]) == kind.left["drop"].answer


LOSING = [k for k in KINDS if "drop" in k.left and k.name != "role"]


@pytest.mark.parametrize("kind", LOSING, ids=str)
def test_no_row_goes_without_a_permit_and_the_refusal_says_what_would(
    kind: Kind, kind_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource = kind.resource()
    resource.up(replace(kind.declare(kind_place), on_delete="drop"))
    kind_place.by_hand("CREATE TABLE IF NOT EXISTS {name}.t AS SELECT generate_series(1, 20) AS id")
    resource.provider.permits = ("0123456789ab",)  # type: ignore[attr-defined]
    with (
        statements_of_plans(kind_place.cluster, monkeypatch) as ran,
        pytest.raises(Refused) as refused,
    ):
        resource.delete()
    assert ran.statements == []
    said = str(refused.value)
    assert f"{kind_place.name}.t (20 rows)" in said
    digest = resource.outputs[DELETE_SQL][-1].split()[-1]
    assert said.endswith(f"bin/pulumi config set allowDataLoss 0123456789ab,{digest}")
    assert "\n" not in said
