"""What happens in the database to what is no longer declared."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from citus.database import catalogue_lock
from citus.database import provider as module
from citus.database.distributed_table import DistributedTableProvider
from citus.database.errors import ChangedSincePreview, NotReachable
from citus.database.migrations import MigrationsProvider, MigrationsSpec
from citus.database.role import RoleProvider
from citus.database.schema import SchemaProvider
from citus.database.tracked import DROP, UNDISTRIBUTE
from tests.pure.database.specs import ENDPOINT, role, schema, table

if TYPE_CHECKING:
    from tests.pure.database.fake_server import Server

pytestmark = pytest.mark.pure

DELETE_SQL = "delete_sql"
BACK = "SELECT citus_schema_undistribute('user_service') -- its tables move back to the coordinator"


def outs(provider: Any, server: Server, spec: Any) -> dict[str, Any]:
    """Give what a run records of an object that is there already."""
    server.has = spec
    recorded: dict[str, Any] = provider.create(checked(provider, spec)).outs
    assert server.ran == []
    return recorded


def checked(provider: Any, spec: Any) -> dict[str, Any]:
    inputs: dict[str, Any] = provider.check({}, provider.encode(spec)).inputs
    return inputs


def test_by_default_it_stays(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    provider = SchemaProvider()
    recorded = outs(provider, server, schema())
    server.answers = False  # nobody looks
    provider.delete("id", recorded)
    assert server.ran == []
    assert capsys.readouterr().out == (
        "schema user_service stays in the database, no longer tracked\n"
    )


def test_a_kind_without_policies_stays(capsys: pytest.CaptureFixture[str]) -> None:
    spec = MigrationsSpec(ENDPOINT, "ads", "ads", "sql/ads", {"001_a.sql": "0"})
    MigrationsProvider().delete("id", MigrationsProvider().encode(spec))
    assert "migrations of ads stays in the database" in capsys.readouterr().out


def test_a_removal_runs_what_its_preview_showed(server: Server) -> None:
    provider = SchemaProvider()
    recorded = outs(provider, server, schema(on_delete=UNDISTRIBUTE))
    provider.delete("id", recorded)
    assert server.ran == recorded[DELETE_SQL] == [BACK]


def test_what_was_undistributed_meanwhile_is_left_as_it_is(server: Server) -> None:
    provider = SchemaProvider()
    recorded = outs(provider, server, schema(on_delete=UNDISTRIBUTE))
    server.has = schema(on_delete=UNDISTRIBUTE, distributed=False)
    provider.delete("id", recorded)
    assert server.ran == []


@pytest.mark.parametrize("policy", [UNDISTRIBUTE, DROP])
def test_gone_already_is_fine(server: Server, policy: str) -> None:
    provider = SchemaProvider()
    recorded = outs(provider, server, schema(on_delete=policy))
    server.has = None
    provider.delete("id", recorded)
    assert server.ran == []


@pytest.mark.parametrize(
    ("provider", "recorded", "found"),
    [
        (
            SchemaProvider(),
            schema(on_delete=UNDISTRIBUTE, distributed=False),
            schema(on_delete=UNDISTRIBUTE),
        ),
        (
            DistributedTableProvider(),
            table(on_delete=UNDISTRIBUTE),
            table(on_delete=UNDISTRIBUTE, rewrite_loses=("the comment on table ads.companies",)),
        ),
    ],
    ids=["more to run", "more to lose"],
)
def test_what_its_preview_did_not_show_is_refused(
    server: Server, provider: Any, recorded: Any, found: Any
) -> None:
    props = outs(provider, server, recorded)
    server.has = found
    with pytest.raises(ChangedSincePreview) as refused:
        provider.delete("id", props)
    assert str(refused.value) == f"{found.title} has changed: preview again"
    assert server.ran == []


def test_a_server_that_does_not_answer_is_said_and_nothing_taken_for_gone(server: Server) -> None:
    provider = SchemaProvider()
    recorded = outs(provider, server, schema(on_delete=UNDISTRIBUTE))
    server.answers = False
    with pytest.raises(NotReachable, match="is not reachable"):
        provider.delete("id", recorded)


def test_a_role_that_is_dropped_needs_no_permit(server: Server) -> None:
    """It has no rows; PostgreSQL refuses to drop one that owns something."""
    provider = RoleProvider()
    recorded = outs(provider, server, replace(role(), on_delete=DROP))
    provider.delete("id", recorded)
    assert [sql.split()[0] for sql in server.ran] == ["DROP", "SELECT"]


class NoTable:
    """What the catalogue says of a table that somebody has dropped."""

    lenient = False

    def rows(self, query: str, *_values: object) -> list[tuple[bool]]:
        return [(False,)] if "IS NOT NULL" in query else []


def test_a_table_that_is_gone_already_is_fine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "connect", lambda _endpoint: nullcontext(NoTable()))
    monkeypatch.setattr(catalogue_lock, "held", nullcontext)
    provider = DistributedTableProvider()
    provider.delete("id", checked(provider, table(on_delete=UNDISTRIBUTE)))
