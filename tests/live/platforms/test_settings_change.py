"""A server's settings change: by a reload where that is enough, and never so that it stays down."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from citus.errors import Refused, ServerFailed
from citus.platforms.local import bring_up
from citus.platforms.local.postgres_server import ON_CHANGE
from citus.platforms.local.server_spec import PostgresServerSpec
from tests.live.declared import Declared, RefusedInPreview
from tests.live.platforms.conftest import PASSWORD, kill, postmaster, query, with_settings

pytestmark = [pytest.mark.live, pytest.mark.one_engine]


def connect(spec: PostgresServerSpec) -> psycopg.Connection[Any]:
    where = f"host={spec.host} port={spec.port} user=postgres"
    return psycopg.connect(where, password=PASSWORD, autocommit=True)


def waiting(session: psycopg.Connection[Any]) -> list[tuple[Any, ...]]:
    """Count those that wait for an advisory lock."""
    query = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    return session.execute(query).fetchall()


def wait_until(happens: Callable[[], bool]) -> None:
    patience = time.monotonic() + 60
    while not happens():
        assert time.monotonic() < patience
        time.sleep(0.05)


@pytest.fixture(autouse=True)
def _a_new_round(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bring_up, "_ROUND", bring_up._Round())


def test_a_reload_is_enough_for_most_and_the_next_refresh_sees_nothing(
    resource: Declared, declared: PostgresServerSpec
) -> None:
    resource.up(declared)
    first = postmaster(declared).pid
    changed = with_settings(declared, {"work_mem": "9MB"})
    assert resource.check(changed)[ON_CHANGE] == ["reload: work_mem"]
    resource.up(changed)
    assert postmaster(declared).pid == first
    assert query(declared, "SHOW work_mem") == [("9MB",)]
    resource.refresh()
    assert not resource.changes(changed)
    assert resource.check(changed)[ON_CHANGE] == []


def test_a_restart_is_shown_and_takes_all_at_once(
    resource: Declared, declared: PostgresServerSpec
) -> None:
    resource.up(declared)
    first = postmaster(declared).pid
    changed = with_settings(declared, {"max_connections": "42", "work_mem": "9MB"})
    shown = resource.check(changed)[ON_CHANGE]
    assert shown == ["restart: max_connections", "reload: work_mem"]
    resource.up(changed)
    assert postmaster(declared).pid != first
    assert query(declared, "SHOW max_connections") == [("42",)]
    assert query(declared, "SHOW work_mem") == [("9MB",)]
    resource.refresh()
    assert not resource.changes(changed)


@pytest.mark.parametrize(
    ("setting", "value", "why"),
    [
        ("work_mem", "9QB", 'invalid value for parameter "work_mem": "9QB"; Valid units'),
        ("max_connections", "many", 'invalid value for parameter "max_connections": "many"'),
        ("wrok_mem", "9MB", 'unrecognized configuration parameter "wrok_mem"'),
        ("wal_buffers", "9999GB", "is outside the valid range"),
    ],
)
def test_what_postgresql_does_not_read_is_refused_in_the_preview(
    resource: Declared, declared: PostgresServerSpec, setting: str, value: str, why: str
) -> None:
    with pytest.raises(RefusedInPreview) as refused:
        resource.preview(with_settings(declared, {setting: value}))
    said = str(refused.value)
    assert said.startswith(
        "PostgreSQL takes no such settings for worker-7, of citus:postgresqlConf: "
    )
    assert why in said
    assert "\n" not in said
    assert "/tmp" not in said  # noqa: S108


def test_settings_that_no_server_starts_with_are_taken_back_and_it_runs_on(
    resource: Declared, declared: PostgresServerSpec
) -> None:
    resource.up(declared)
    query(declared, "CREATE TABLE kept AS SELECT 7 AS id")
    written = (declared.server.data / "postgresql.conf").read_text()
    worse = with_settings(declared, {"superuser_reserved_connections": "1000"})
    with pytest.raises(ServerFailed) as failed:
        resource.up(worse)
    said = str(failed.value)
    assert said.startswith(
        "worker-7 has the settings again that it had: the start of worker-7 failed:\npostgres: "
    )
    assert re.search(r'superuser_reserved_connections"? \(1000\).* must be less than', said)
    assert query(declared, "SELECT id FROM kept") == [(7,)]
    assert (declared.server.data / "postgresql.conf").read_text() == written


def test_a_restart_waits_for_a_shard_that_moves(
    resource: Declared, declared: PostgresServerSpec
) -> None:
    resource.up(declared)
    first = postmaster(declared).pid
    changed = with_settings(declared, {"max_connections": "42", "work_mem": "9MB"})
    with ThreadPoolExecutor() as pool, connect(declared) as gate:
        gate.execute("SELECT pg_advisory_lock(7)")
        moving = "SELECT pg_advisory_lock(7) -- citus_move_shard_placement"
        move = pool.submit(query, declared, moving)
        wait_until(lambda: waiting(gate) == [(1,)])
        change = pool.submit(resource.up, changed)
        # Reloaded already, so that it waits for nothing but the move.
        wait_until(lambda: query(declared, "SHOW work_mem") == [("9MB",)])
        assert postmaster(declared).pid == first
        gate.execute("SELECT pg_advisory_unlock(7)")
        assert len(move.result(60)) == 1  # nobody broke it off
        change.result(60)
    assert postmaster(declared).pid != first


@pytest.mark.real_only
@pytest.mark.parametrize("setting", ["citus.max_shared_pool_size", "citus.max_shared_poool_size"])
def test_a_setting_that_only_citus_knows_to_be_wrong_is_taken_back(
    resource: Declared, declared: PostgresServerSpec, setting: str
) -> None:
    resource.up(declared)
    first = postmaster(declared).pid
    worse = with_settings(declared, {setting: "many", "max_connections": "42"})
    with pytest.raises(ServerFailed, match=f"settings again that it had: .*{setting} = many"):
        resource.up(worse)
    assert postmaster(declared).pid == first
    assert query(declared, "SELECT count(*) FROM pg_file_settings WHERE error IS NOT NULL") == [
        (0,)
    ]


def test_a_killed_server_comes_back_with_its_old_settings_if_the_new_ones_do_not_work(
    resource: Declared, declared: PostgresServerSpec
) -> None:
    resource.up(declared)
    kill(postmaster(declared))
    with pytest.raises(ServerFailed, match="has the settings again that it had"):
        resource.up(with_settings(declared, {"superuser_reserved_connections": "1000"}))
    assert query(declared, "SELECT 1") == [(1,)]


def test_what_a_killed_run_wrote_and_did_not_load_is_taken_in_by_the_next(
    resource: Declared, declared: PostgresServerSpec
) -> None:
    resource.up(declared)
    changed = with_settings(declared, {"max_connections": "42", "work_mem": "9MB"})
    declared.server.configure(changed.all_settings, declared.password)
    resource.refresh()
    assert resource.inputs["running"] is False
    assert resource.check(changed)[ON_CHANGE] == [
        "start: it is down, or does not run with what its files say"
    ]
    resource.up(changed)
    assert query(declared, "SHOW max_connections") == [("42",)]
    assert query(declared, "SHOW work_mem") == [("9MB",)]


def test_a_round_of_restarts_ends_with_the_first_that_does_not_come_back() -> None:
    round_ = bring_up._Round()
    with pytest.raises(ServerFailed), round_.turn_of("worker-0"):
        raise ServerFailed("no")
    with pytest.raises(Refused, match=r"^worker-1 is not restarted, since worker-0 failed"):
        round_.turn_of("worker-1").__enter__()


def test_restarts_take_turns() -> None:
    round_, order = bring_up._Round(), list[str]()

    def other() -> None:
        with round_.turn_of("worker-1"):
            order.append("worker-1")

    with round_.turn_of("worker-0"):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(0.05)
        order.append("worker-0")
    thread.join()
    assert order == ["worker-0", "worker-1"]


def test_a_server_left_out_of_the_round_keeps_its_settings(
    resource: Declared, declared: PostgresServerSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource.up(declared)
    first = postmaster(declared).pid
    over = bring_up._Round()
    over._failed = "worker-0"
    monkeypatch.setattr(bring_up, "_ROUND", over)
    with pytest.raises(Refused, match="worker-7 is not restarted, since worker-0 failed"):
        resource.up(with_settings(declared, {"max_connections": "42"}))
    assert postmaster(declared).pid == first
    resource.refresh()
    assert not resource.changes(replace(declared))


def test_a_shard_that_is_copied_in_while_writes_wait_is_a_move_too(
    resource: Declared, declared: PostgresServerSpec
) -> None:
    """As Citus does it by ``block_writes``: the node that gets the shard has no more of it."""
    resource.up(declared)
    query(declared, "CREATE TABLE big_102014 (id int)")
    assert declared.server.ask(bring_up._MOVES) == []
    with connect(declared) as session, session.cursor() as cursor:
        session.execute("SET application_name = 'citus_internal gpid=1'")
        copy = "COPY public.big_102014 (id) FROM STDIN WITH (format binary)"
        with cursor.copy(copy):
            assert declared.server.ask(bring_up._MOVES) == ["a shard"]


def test_an_address_that_was_set_by_hand_is_drift(
    resource: Declared, declared: PostgresServerSpec
) -> None:
    resource.up(declared)
    query(declared, "ALTER SYSTEM SET listen_addresses = '*'")
    resource.refresh()
    assert resource.changes(declared)
    resource.up(declared)
    assert query(declared, "SHOW listen_addresses") == [(declared.host,)]
    resource.refresh()
    assert not resource.changes(declared)
