"""A role can do its own work on every node, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest

from citus.database import authinfo
from citus.database.errors import StatementFailed
from citus.database.executor import Database
from citus.database.membership import MembershipProvider
from citus.database.migrations import MigrationsProvider
from citus.database.role import RoleProvider
from citus.database.schema import SchemaProvider
from citus.database.tracked import DROP
from citus.endpoint import Node
from tests.live.database.kinds import NEXT_PASSWORD, PASSWORD, migrations, role, schema
from tests.live.database.place import Place, a_name
from tests.live.declared import Declared

pytestmark = pytest.mark.live


@pytest.fixture
def owner(place: Place) -> Declared:
    """Make a role with a distributed schema and a table of its own: what a service has."""
    return a_service(place)


def a_service(place: Place) -> Declared:
    made = Declared(RoleProvider())
    made.up(role(place))
    Declared(SchemaProvider()).up(replace(schema(place), owner=place.name))
    place.file("001_users.sql", "CREATE TABLE users (id bigserial PRIMARY KEY, name text);")
    Declared(MigrationsProvider()).up(replace(migrations(place), owner=place.name))
    return made


def as_role(place: Place, node: Node | None = None) -> psycopg.Connection[tuple[object, ...]]:
    return place.cluster.connect(node, user=place.name, password=PASSWORD)


def test_it_works_with_its_distributed_table_from_the_coordinator(
    place: Place, owner: Declared
) -> None:
    assert owner.id
    with as_role(place) as session:
        session.execute("INSERT INTO users (name) VALUES ('ada'), ('grace')")
        rows = session.execute("SELECT name FROM users ORDER BY id").fetchall()
    assert rows == [("ada",), ("grace",)]


@pytest.mark.real_only("rows of the stand-in stay on the coordinator")
def test_its_rows_are_on_a_worker_that_it_reaches_as_itself(place: Place, owner: Declared) -> None:
    assert owner.id
    with as_role(place) as session:
        plan = session.execute("EXPLAIN (VERBOSE) SELECT current_user FROM users").fetchall()
    shown = "\n".join(str(line[0]) for line in plan)
    assert "Custom Scan (Citus Adaptive)" in shown
    assert any(f"port={w.address.port}" in shown for w in place.cluster.workers)


def test_it_logs_in_on_every_node_with_its_password_alone(place: Place, owner: Declared) -> None:
    assert owner.id
    for node in (place.cluster.coordinator, *place.cluster.workers):
        with as_role(place, node) as session:
            assert session.execute("SELECT current_user").fetchall() == [(place.name,)]
        with pytest.raises(psycopg.OperationalError, match="authentication failed"):
            place.cluster.connect(node, user=place.name, password=NEXT_PASSWORD)


def test_it_can_read_nothing_that_is_not_its_own(place: Place, owner: Declared) -> None:
    assert owner.id
    other = replace(place, name=a_name())
    a_service(other)
    forbidden = (
        f"{other.name}.users",
        "citus_pulumi.migrations",
        "pg_dist_authinfo",
        "pg_authid",
    )
    for table in forbidden:
        with as_role(place) as session, pytest.raises(psycopg.errors.InsufficientPrivilege):
            session.execute(f"SELECT FROM {table}".encode())


def test_it_may_make_no_object_outside_its_schema(place: Place, owner: Declared) -> None:
    assert owner.id
    for sql in (b"CREATE SCHEMA mine", b"CREATE ROLE mine", b"CREATE TABLE citus_pulumi.mine ()"):
        with as_role(place) as session, pytest.raises(psycopg.errors.InsufficientPrivilege):
            session.execute(sql)


def test_it_works_on_a_worker_that_joins_later(
    place: Place, owner: Declared, with_spare: tuple[str, ...]
) -> None:
    spare = place.cluster.spare
    assert owner.preview(replace(role(place), nodes=with_spare)) != []
    owner.up(replace(role(place), nodes=with_spare))
    with as_role(place, spare) as session:
        assert session.execute("SELECT current_user").fetchall() == [(place.name,)]
    query = "SELECT authinfo FROM pg_dist_authinfo WHERE rolename = '{name}'"
    assert place.by_hand(query, spare) == [(f"password={PASSWORD}",)]
    owner.refresh()
    assert owner.preview(replace(role(place), nodes=with_spare)) == []


@pytest.mark.real_only("shards of the stand-in don't move")
def test_its_schema_can_move_to_a_worker_that_joined_later(
    place: Place, owner: Declared, with_spare: tuple[str, ...]
) -> None:
    owner.up(replace(role(place), nodes=with_spare))
    place.by_hand("SELECT replicate_reference_tables('block_writes')")  # those of other tests
    with as_role(place) as session:
        session.execute("INSERT INTO users (name) VALUES ('ada')")
    move = "SELECT citus_schema_move('{name}', '127.0.0.1', PORT, 'block_writes')"
    [back] = place.cluster.workers[:1]
    for node in (place.cluster.spare, back):
        place.by_hand(move.replace("PORT", str(node.address.port)))
        with as_role(place) as session:
            assert session.execute("SELECT name FROM users").fetchall() == [("ada",)]


def test_a_worker_that_is_down_keeps_its_recorded_part_and_is_warned_of(
    place: Place, owner: Declared, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded = owner.outputs
    worker = place.cluster.workers[2]
    place.by_hand("DELETE FROM pg_dist_authinfo WHERE rolename = '{name}'", worker)
    place.cluster.servers[worker.name].stop()
    try:
        owner.refresh()
    finally:
        place.cluster.start_node(worker)
    assert owner.outputs == recorded
    assert str(worker.address) in capsys.readouterr().out


@pytest.fixture
def with_spare(place: Place) -> Iterator[tuple[str, ...]]:
    """Let the spare join, by the provider, for the time of a test."""
    cluster = place.cluster
    membership = Declared(MembershipProvider())
    for workers in (cluster.workers, [*cluster.workers, cluster.spare]):
        # Other tests leave reference tables without a primary key.
        spec = replace(cluster.membership(*workers), shard_transfer_mode="block_writes")
        membership.up(spec)
    yield (*cluster.members, str(cluster.spare.address))
    remove = f"SELECT citus_remove_node('127.0.0.1', {cluster.spare.address.port})"
    cleanup = "CALL citus_cleanup_orphaned_resources()"
    for sql in (remove,) if cluster.is_standin else (cleanup, remove):
        cluster.by_hand(sql)


def test_the_reads_of_one_refresh_ask_the_nodes_once_and_a_plan_asks_again(
    place: Place, owner: Declared, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0

    def look(database: Database, role: str) -> list[authinfo.NodeEntries]:
        nonlocal asked
        asked += 1
        return real(database, role)

    real = authinfo._look
    monkeypatch.setattr(authinfo, "_look", look)
    monkeypatch.setattr(authinfo, "_FRESH_SECONDS", 60)
    monkeypatch.setattr(authinfo, "_REFRESH", authinfo._Refresh())
    for _ in range(3):
        owner.refresh()
    assert asked == 1
    owner.up(replace(role(place), password=NEXT_PASSWORD))
    assert asked == 2


def test_a_role_that_owns_something_is_not_dropped_and_keeps_its_passwords(
    place: Place, owner: Declared
) -> None:
    owner.up(replace(role(place), on_delete=DROP))
    with pytest.raises(StatementFailed, match="cannot be dropped because some objects depend"):
        owner.delete()
    for node in (place.cluster.coordinator, *place.cluster.workers):
        with as_role(place, node) as session:
            assert session.execute("SELECT current_user").fetchall() == [(place.name,)]
    query = "SELECT result FROM run_command_on_all_nodes($$ SELECT authinfo FROM pg_dist_authinfo"
    entries = place.by_hand(query + " WHERE rolename = '{name}' $$)")
    assert set(entries) == {(f"password={PASSWORD}",)}
