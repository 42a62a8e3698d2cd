"""What a run does with a database that isn't what the preview took it for."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from citus.database import tracked
from citus.database.errors import ChangedSincePreview
from citus.database.executor import Database
from citus.database.membership import MembershipProvider
from citus.database.role import RoleProvider
from citus.database.schema import SchemaProvider
from citus.database.statement import Statement
from tests.pure.database.specs import ENDPOINT, SECRET, members, role, schema, worker, workers

if TYPE_CHECKING:
    from tests.pure.database.fake_server import Server

pytestmark = pytest.mark.pure

PLANNED, CHANGED_AT = "planned_sql", "changed_at"
provider = SchemaProvider()


def checked(old: Any, new: Any) -> dict[str, Any]:
    olds = provider.encode(old) if old else {}
    return provider.check(olds, provider.encode(new)).inputs


def test_create_runs_what_the_preview_showed(server: Server) -> None:
    news = checked(None, schema())
    server.becomes = schema()
    result = provider.create(news)
    assert server.ran == news[PLANNED]
    outs = dict(result.outs or {})
    assert outs.pop(CHANGED_AT)
    assert outs == {**provider.encode(schema()), "colocation_id": 7}
    assert result.id == "schema user_service"


def test_an_output_tells_when_a_run_last_changed_the_object(server: Server) -> None:
    server.has = schema()
    outs = provider.create(checked(None, schema())).outs or {}
    changed_at = datetime.fromisoformat(outs[CHANGED_AT])
    assert timedelta() <= datetime.now(changed_at.tzinfo) - changed_at < timedelta(minutes=1)


def test_a_refresh_changes_nothing_of_when_it_was_changed(server: Server) -> None:
    server.has = schema()
    recorded = {**provider.encode(schema()), CHANGED_AT: "2026-01-01T00:00:00.000+00:00"}
    read = provider.read("id", recorded)
    assert (read.outs or {})[CHANGED_AT] == recorded[CHANGED_AT]
    assert CHANGED_AT not in (read.inputs or {})


def test_create_finishes_a_half_done_run(server: Server) -> None:
    server.has, server.becomes = schema(distributed=False), schema()
    news = checked(None, schema())
    provider.create(news)
    assert server.ran == news[PLANNED][1:]


def test_create_takes_up_what_is_there(server: Server) -> None:
    server.has = schema()
    assert provider.create(checked(None, schema())).outs
    assert server.ran == []


def test_create_refuses_what_needs_more_and_says_what_it_found(server: Server) -> None:
    server.has = schema("postgres")
    with pytest.raises(
        ChangedSincePreview,
        match=r"^schema user_service exists, but its owner is postgres: declare it so first",
    ):
        provider.create(checked(None, schema()))
    assert server.ran == []


def test_create_names_what_is_there_too_much_and_not_what_is_yet_to_be_made() -> None:
    found = members({**workers(0), "worker-2": worker(2, has_reference_tables=False)})
    assert tracked.changed(None, members(workers(0, 1)), found) == (
        "membership of the nodes exists, but its worker-2 is at 127.0.0.1:15435, group 3, lacks "
        "reference tables: declare it so first, then change it"
    )


def test_update_refuses_what_changed_unseen_and_says_what(server: Server) -> None:
    server.has = schema("postgres", distributed=False)
    with pytest.raises(
        ChangedSincePreview,
        match=r"schema user_service has changed since the preview \(its owner is now postgres\)",
    ):
        provider.update(
            "id",
            provider.encode(schema(distributed=False)),
            checked(schema(distributed=False), schema()),
        )
    assert server.ran == []


def test_update_says_that_the_object_is_gone(server: Server) -> None:
    news = checked(schema(distributed=False), schema())
    with pytest.raises(ChangedSincePreview, match="schema user_service is gone: preview again"):
        provider.update("id", provider.encode(schema(distributed=False)), news)
    assert server.ran == []


def test_a_second_update_changes_nothing(server: Server) -> None:
    olds, news = provider.encode(schema(distributed=False)), checked(None, schema())
    server.has = schema()
    outs = dict(provider.update("id", olds, news).outs or {})
    assert outs.pop(CHANGED_AT)
    assert outs == {**provider.encode(schema()), "colocation_id": 7}
    assert server.ran == []


def test_a_remark_never_runs() -> None:
    """Without a connection anything that runs would fail."""
    connection: Any = None
    Database(ENDPOINT, connection, lenient=False).run([Statement("", why="not yet")], "schema x")
    assert Statement("", why="not yet").planned() == "-- not yet"


def test_a_remark_is_shown_and_withholds_nothing(server: Server) -> None:
    placed = schema(node="127.0.0.1:15433")
    server.has = schema(distributed=False)
    news = checked(None, placed)
    server.becomes = placed
    provider.create(news)
    assert server.ran == news[PLANNED][1:]
    assert news[PLANNED][2].startswith("-- user_service can't be moved to 127.0.0.1:15433 before")


def test_a_refusal_says_another_password_and_not_which(server: Server) -> None:
    server.has = replace(role(), password="theirs", connection_limit=3)
    roles = RoleProvider()
    news = {**roles.encode(role()), PLANNED: []}
    with pytest.raises(ChangedSincePreview) as raised:
        roles.update("id", roles.encode(role()), news)
    assert "its connection_limit is now 3; its password is now another" in str(raised.value)
    assert "theirs" not in str(raised.value)
    assert SECRET not in str(raised.value)


def test_what_is_planned_stays_out_of_the_outputs(server: Server) -> None:
    server.becomes = schema()
    assert PLANNED not in (provider.create(checked(None, schema())).outs or {})
    outs = provider.update("id", provider.encode(schema()), checked(None, schema())).outs or {}
    assert PLANNED not in outs
    assert server.ran


def test_read_gives_drift_as_inputs(server: Server) -> None:
    server.has = schema(distributed=False)
    result = provider.read("id", {**provider.encode(schema()), "colocation_id": 3})
    assert result.inputs == {**provider.encode(server.has), PLANNED: []}
    assert result.outs == {**provider.encode(server.has), "colocation_id": 7, CHANGED_AT: ""}
    assert provider.diff("id", result.inputs or {}, provider.encode(schema())).changes


def test_read_of_what_is_gone_says_so(server: Server) -> None:
    assert server.has is None
    assert provider.read("id", provider.encode(schema())).id == ""


def test_a_server_that_does_not_answer_is_not_gone(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    server.answers = False
    props = {**provider.encode(schema()), "colocation_id": 3}
    for _ in range(2):
        result = provider.read("id", props)
        assert (result.id, result.outs) == ("id", props)
        assert result.inputs == {**provider.encode(schema()), PLANNED: []}
    assert capsys.readouterr().out.count("warning: 127.0.0.1:15432 is not reachable") == 1


def test_what_a_refresh_could_not_look_at_has_an_update_where_a_server_depends_on_it(
    server: Server,
) -> None:
    server.answers = False
    kind, declared = MembershipProvider(), members(workers(0, 1))
    recorded = {**kind.encode(declared), "active_workers": ["127.0.0.1:15433"]}
    result = kind.read("id", recorded)
    assert kind.diff("id", result.outs or {}, kind.encode(declared)).changes
    assert (result.outs or {})["active_workers"] == recorded["active_workers"]
    assert kind.check(result.inputs or {}, kind.encode(declared)).inputs[PLANNED] == []
