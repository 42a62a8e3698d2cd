"""The table: what happens to each kind of tracked resource in its life."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from citus.database.errors import StatementFailed
from citus.database.executor import Database
from citus.database.statement import Statement
from citus.database.tracked import CHANGED_AT
from citus.errors import Refused
from tests.live.database.kind import Drift, Kind
from tests.live.database.kinds import KINDS
from tests.live.database.place import Place
from tests.live.declared import RefusedInPreview
from tests.live.server_log import statements_of_plans, without_why

pytestmark = pytest.mark.live

each_kind = pytest.mark.parametrize("kind", KINDS, ids=str)
each_drift = pytest.mark.parametrize(
    ("kind", "drift"),
    [pytest.param(k, k.drifts[name], id=f"{k}: {name}") for k in KINDS for name in k.drifts],
)
each_statement = pytest.mark.parametrize(
    ("kind", "dies_at"),
    [pytest.param(k, step, id=f"{k}: {step + 1}") for k in KINDS for step in range(k.steps)],
)


@each_kind
def test_create_runs_exactly_what_the_preview_showed(
    kind: Kind, kind_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource, declared = kind.resource(), kind.declare(kind_place)
    with statements_of_plans(kind_place.cluster, monkeypatch) as ran:
        planned = resource.up(declared)
    assert len(planned) == kind.steps
    assert ran.statements == without_why(planned)
    assert not resource.changes(declared)


@each_kind
def test_create_again_adopts_what_exists_and_runs_nothing(
    kind: Kind, kind_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    declared = kind.declare(kind_place)
    first, second = kind.resource(), kind.resource()
    first.up(declared)
    with statements_of_plans(kind_place.cluster, monkeypatch) as ran:
        second.up(declared)
    assert ran.statements == []
    assert {**second.outputs, CHANGED_AT: ""} == {**first.outputs, CHANGED_AT: ""}


@each_kind
def test_refresh_after_create_shows_no_change(kind: Kind, kind_place: Place) -> None:
    resource, declared = kind.resource(), kind.declare(kind_place)
    resource.up(declared)
    resource.refresh()
    assert not resource.changes(declared)
    assert resource.preview(declared) == []


@each_kind
def test_update_runs_exactly_what_the_preview_showed(
    kind: Kind, kind_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource, declared = kind.resource(), kind.declare(kind_place)
    resource.up(declared)
    changed = kind.changed(kind_place, declared)
    assert resource.changes(changed)
    with statements_of_plans(kind_place.cluster, monkeypatch) as ran:
        planned = resource.up(changed)
    assert ran.statements == without_why(planned)
    resource.refresh()
    assert not resource.changes(changed)


@each_drift
def test_drift_is_seen_and_the_next_up_mends_it(
    kind: Kind, drift: Drift, kind_place: Place
) -> None:
    resource, declared = kind.resource(), kind.declare(kind_place)
    resource.up(declared)
    before = resource.outputs.get(drift.field)
    kind_place.by_hand(drift.by_hand, kind_place.cluster.workers[-1] if drift.on_worker else None)
    resource.refresh()
    assert resource.outputs.get(drift.field) != before
    assert resource.preview(declared) != []
    resource.up(declared)
    resource.refresh()
    assert resource.outputs.get(drift.field) == before
    assert resource.preview(declared) == []


@each_kind
def test_an_update_that_cannot_be_is_refused_and_nothing_runs(
    kind: Kind, kind_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource, declared = kind.resource(), kind.declare(kind_place)
    resource.up(declared)
    with (
        statements_of_plans(kind_place.cluster, monkeypatch) as ran,
        pytest.raises((RefusedInPreview, Refused), match=kind.refusal),
    ):
        resource.up(kind.refused(kind_place, declared))
    assert ran.statements == []


@each_statement
def test_what_died_at_a_statement_is_finished_by_the_next_up(
    kind: Kind, dies_at: int, kind_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource, declared = kind.resource(), kind.declare(kind_place)
    planned = resource.preview(declared)
    with (
        the_connection_is_lost_at(dies_at, monkeypatch),
        pytest.raises(StatementFailed, match="run it again"),
    ):
        resource.up(declared)
    with statements_of_plans(kind_place.cluster, monkeypatch) as ran:
        resource.up(declared)
    shown = without_why(planned)
    assert ran.statements == shown[len(shown) - len(ran.statements) :]
    # A transaction begins anew, an IF NOT EXISTS is said again; nothing else repeats.
    assert len(ran.statements) <= kind.steps - dies_at + 1
    resource.refresh()
    assert resource.preview(declared) == []


@pytest.mark.parametrize("kind", [k for k in KINDS if k.gone], ids=str)
def test_what_is_gone_has_no_id_and_is_made_again(kind: Kind, kind_place: Place) -> None:
    resource, declared = kind.resource(), kind.declare(kind_place)
    resource.up(declared)
    kind_place.by_hand(kind.gone)
    resource.refresh()
    assert resource.id == ""
    assert len(resource.up(declared)) == kind.steps
    resource.refresh()
    assert resource.preview(declared) == []


@contextmanager
def the_connection_is_lost_at(step: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Close the session just before the statement of this number, from 0, would run."""
    count = itertools.count()
    execute = Database._execute

    def dying(self: Database, statement: Statement) -> None:
        if next(count) == step:
            self._connection.close()
            raise psycopg.OperationalError("server closed the connection unexpectedly")
        execute(self, statement)

    with monkeypatch.context() as patched:
        patched.setattr(Database, "_execute", dying)
        yield
