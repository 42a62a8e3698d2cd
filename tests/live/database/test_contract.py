"""The preview is a contract: what it did not show is not run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from citus.database.errors import ChangedSincePreview
from citus.database.role import RoleProvider
from citus.database.schema import SchemaProvider
from tests.live.database.kinds import NEXT_PASSWORD, role, schema
from tests.live.database.place import Place
from tests.live.declared import Declared
from tests.live.server_log import statements_of_plans, without_why

pytestmark = pytest.mark.live


def test_an_update_of_a_database_that_changed_unseen_runs_nothing_and_says_why(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource = Declared(SchemaProvider())
    resource.up(schema(place))
    place.by_hand("CREATE ROLE {name}; SELECT citus_schema_undistribute('{name}')")
    pending = replace(schema(place), owner=place.name)
    with (
        statements_of_plans(place.cluster, monkeypatch) as ran,
        pytest.raises(ChangedSincePreview) as refused,
    ):
        resource.up(pending)
    assert ran.statements == []
    assert str(refused.value) == (
        f"schema {place.name} has changed since the preview (its distributed is now False): "
        "preview again"
    )
    resource.refresh()
    assert len(resource.up(pending)) == 2
    resource.refresh()
    assert not resource.changes(pending)


def test_an_update_of_what_is_gone_unseen_says_so(place: Place) -> None:
    resource = Declared(SchemaProvider())
    resource.up(schema(place))
    place.by_hand("DROP SCHEMA {name}")
    with pytest.raises(ChangedSincePreview, match=rf"^schema {place.name} is gone: preview again$"):
        resource.up(replace(schema(place), distributed=False))
    assert place.by_hand("SELECT FROM pg_namespace WHERE nspname = '{name}'") == []


def test_what_was_mended_by_hand_since_the_preview_needs_nothing_more(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource = Declared(SchemaProvider())
    resource.up(schema(place))
    checked = resource.check(replace(schema(place), distributed=False))
    place.by_hand("SELECT citus_schema_undistribute('{name}')")
    with statements_of_plans(place.cluster, monkeypatch) as ran:
        resource.run(checked)
    assert ran.statements == []
    assert resource.outputs["colocation_id"] == 0


def test_a_schema_that_exists_with_another_owner_is_adopted_once_it_is_declared_so(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.by_hand("CREATE ROLE {name}; CREATE SCHEMA {name} AUTHORIZATION {name}")
    resource = Declared(SchemaProvider())
    with (
        statements_of_plans(place.cluster, monkeypatch) as ran,
        pytest.raises(ChangedSincePreview) as refused,
    ):
        resource.up(schema(place))
    assert ran.statements == []
    said = str(refused.value)
    assert said.startswith(f"schema {place.name} exists, but ")
    assert f"its owner is {place.name}" in said
    assert said.endswith(": declare it so first, then change it")
    assert "\n" not in said
    resource.up(replace(schema(place), owner=place.name))
    assert resource.up(schema(place)) == [
        f"ALTER SCHEMA {place.name} OWNER TO postgres -- it was {place.name}'s"
    ]


def test_a_role_that_exists_is_adopted_and_gets_its_password(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.by_hand("CREATE ROLE {name} LOGIN PASSWORD 'its old one'")
    resource = Declared(RoleProvider())
    with statements_of_plans(place.cluster, monkeypatch) as ran:
        planned = resource.up(role(place))
    assert ran.statements == without_why(planned)[1:]
    resource.refresh()
    assert not resource.changes(role(place))


def test_a_secret_that_differs_is_not_shown_in_a_refusal(place: Place) -> None:
    resource = Declared(RoleProvider())
    resource.up(role(place))
    place.by_hand("ALTER ROLE {name} PASSWORD 'by hand'")
    with pytest.raises(ChangedSincePreview) as refused:
        resource.run(
            {**resource.check(replace(role(place), connection_limit=5)), "planned_sql": []}
        )
    assert "its password is now another" in str(refused.value)
    assert NEXT_PASSWORD not in str(refused.value)
    assert "by hand" not in str(refused.value)


def test_a_password_of_the_superuser_that_no_longer_fits_is_no_absence(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    resource = Declared(SchemaProvider())
    resource.up(schema(place))
    resource.outputs["endpoint"]["password"] = "a wrong one"
    recorded = resource.outputs
    resource.refresh()
    assert resource.id == f"schema {place.name}"
    assert resource.outputs == recorded
    said = capsys.readouterr().out
    assert "password authentication failed" in said
    assert "a wrong one" not in said
