"""A session that a step leaves to the next one: as new, and never a dead one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from citus.database import connections
from citus.database.connections import IdleSessions
from citus.database.errors import StatementFailed
from citus.database.executor import connect
from citus.database.migrations import MigrationsProvider
from citus.database.role import RoleProvider
from citus.database.schema import SchemaProvider
from tests.live.database.kinds import migrations, role, schema
from tests.live.database.place import Place
from tests.live.declared import Declared

pytestmark = [pytest.mark.live, pytest.mark.one_engine]

# What a file without a transaction may leave behind in its session.
_LEFT = """-- no-transaction
SET lock_timeout = '77s';
SET work_mem = '77MB';
CREATE TEMPORARY TABLE left_behind (id int);
PREPARE left_behind AS SELECT 1;
SELECT pg_advisory_lock(77);
"""


@pytest.fixture(autouse=True)
def _no_sessions(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Begin and end as a run does: with no session."""
    idle = IdleSessions()
    monkeypatch.setattr(connections, "IDLE", idle)
    yield
    idle.close()


@pytest.fixture
def next_step(place: Place) -> Callable[..., list[tuple[object, ...]]]:
    """Look from the session that the next step gets."""

    def look(query: str = "SELECT pg_backend_pid()") -> list[tuple[object, ...]]:
        with connect(place.endpoint) as database:
            return database.rows(query)

    return look


def test_steps_that_follow_each_other_share_a_session(
    place: Place, next_step: Callable[..., object]
) -> None:
    first = next_step()
    Declared(RoleProvider()).up(role(place))
    Declared(SchemaProvider()).up(schema(place))
    assert next_step() == first


def test_nothing_of_a_step_is_left_in_its_session(
    place: Place, next_step: Callable[..., object]
) -> None:
    place.by_hand("CREATE ROLE {name}; CREATE SCHEMA {name} AUTHORIZATION {name}")
    place.file("001_left.sql", _LEFT)
    first = next_step()
    Declared(MigrationsProvider()).up(migrations(place))
    assert next_step() == first
    assert next_step(
        "SELECT current_setting('lock_timeout'), current_setting('work_mem'),"
        " to_regclass('left_behind'), (SELECT count(*) FROM pg_prepared_statements),"
        " (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory')"
    ) == [("30s", "4MB", None, 0, 0)]


def test_a_failed_step_leaves_no_session(place: Place, next_step: Callable[..., object]) -> None:
    place.by_hand("CREATE ROLE {name}; CREATE SCHEMA {name} AUTHORIZATION {name}")
    place.file("001_fails.sql", "SELECT 1/0;")
    first = next_step()
    with pytest.raises(StatementFailed):
        Declared(MigrationsProvider()).up(migrations(place))
    assert next_step() != first


@pytest.mark.parametrize("node", ["coordinator", "worker-0"])
def test_a_server_that_was_restarted_since_the_last_step_is_asked_anew(
    node: str, place: Place, next_step: Callable[..., object]
) -> None:
    next_step()
    resource = Declared(RoleProvider())
    resource.up(role(place))
    server = place.cluster.servers[node]
    server.stop()
    server.start()
    resource.up(replace(role(place), connection_limit=7))
    limits = "SELECT result FROM run_command_on_all_nodes($$ SELECT rolconnlimit FROM pg_roles"
    assert set(place.by_hand(limits + " WHERE rolname = '{name}' $$)")) == {("7",)}
