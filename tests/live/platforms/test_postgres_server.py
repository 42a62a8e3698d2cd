"""A PostgreSQL server of this machine, through all that can happen to one."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import psycopg
import pytest

from citus.platforms.local.server_spec import PostgresServerSpec
from tests.live.cluster import free_ports
from tests.live.declared import Declared
from tests.live.platforms.conftest import kill, postmaster, query, with_settings

pytestmark = [pytest.mark.live, pytest.mark.one_engine]


@pytest.fixture
def as_a_lazy_init() -> Iterator[None]:
    """Become the parent of processes that lose theirs, as the first of a container does."""
    libc = ctypes.CDLL(None)
    set_child_subreaper = 36
    if sys.platform != "linux" or libc.prctl(set_child_subreaper, 1, 0, 0, 0) != 0:
        pytest.skip("only Linux lets a process take the place of init")
    yield
    libc.prctl(set_child_subreaper, 0, 0, 0, 0)


def test_create_brings_up_a_server_with_the_extension_and_create_again_adopts_it(
    resource: Declared, declared: PostgresServerSpec
) -> None:
    resource.up(declared)
    query(declared, "CREATE TABLE kept AS SELECT 7 AS id")
    extension = "SELECT count(*) FROM pg_extension WHERE extname = 'citus'"
    assert query(declared, extension) == [(1,)]
    first = postmaster(declared).pid
    again = Declared(resource.provider)
    again.up(declared)
    assert again.outputs == resource.outputs
    assert postmaster(declared).pid == first
    assert query(declared, "SELECT id FROM kept") == [(7,)]
    again.refresh()
    assert not again.changes(declared)


def test_a_killed_server_is_seen_and_comes_back_with_its_data(
    resource: Declared, declared: PostgresServerSpec
) -> None:
    resource.up(declared)
    query(declared, "CREATE TABLE kept AS SELECT 7 AS id")
    kill(postmaster(declared))
    resource.refresh()
    assert resource.inputs["running"] is False
    assert resource.changes(declared)
    resource.up(declared)
    assert query(declared, "SELECT id FROM kept") == [(7,)]
    resource.refresh()
    assert not resource.changes(declared)


def test_a_killed_server_comes_back_where_nobody_reaps_its_process(
    resource: Declared, declared: PostgresServerSpec, as_a_lazy_init: None
) -> None:
    del as_a_lazy_init
    resource.up(declared)
    process = postmaster(declared)
    kill(process)
    assert process.status() == psutil.STATUS_ZOMBIE
    resource.refresh()
    resource.up(declared)
    assert query(declared, "SELECT 1") == [(1,)]
    os.waitpid(process.pid, 0)


def test_a_changed_setting_restarts_the_server_and_is_in_force(
    resource: Declared, declared: PostgresServerSpec
) -> None:
    resource.up(declared)
    first = postmaster(declared).pid
    changed = with_settings(declared, {"max_connections": "42"})
    assert resource.changes(changed)
    resource.up(changed)
    assert postmaster(declared).pid != first
    assert query(declared, "SHOW max_connections") == [("42",)]
    resource.refresh()
    assert not resource.changes(changed)


def test_a_setting_edited_by_hand_is_seen_by_its_name_and_put_back(
    resource: Declared, declared: PostgresServerSpec
) -> None:
    resource.up(declared)
    conf = declared.server.data / "postgresql.conf"
    written = conf.read_text()
    conf.write_text(written.replace("fsync = 'off'", "fsync = 'on'") + "work_mem = '9MB'\n")
    resource.refresh()
    found = resource.inputs["settings"]
    differs = {
        k for k in {**found, **declared.settings} if found.get(k) != declared.settings.get(k)
    }
    assert differs == {"fsync", "work_mem"}
    resource.up(declared)
    assert conf.read_text() == written
    assert query(declared, "SELECT name FROM pg_settings WHERE name = 'work_mem'"
                           " AND source = 'configuration file'") == []  # fmt: skip


def test_a_changed_port_moves_the_server_with_its_data(
    resource: Declared, declared: PostgresServerSpec
) -> None:
    resource.up(declared)
    query(declared, "CREATE TABLE kept AS SELECT 7 AS id")
    moved = replace(declared, port=free_ports(1)[0])
    resource.up(moved)
    assert query(moved, "SELECT id FROM kept") == [(7,)]
    with pytest.raises(psycopg.OperationalError):
        query(declared, "SELECT 1")


def test_what_a_killed_initdb_left_behind_is_made_anew(
    resource: Declared, declared: PostgresServerSpec
) -> None:
    half = declared.server.data.with_name("data.new")
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text(f"{declared.major}\n")
    resource.up(declared)
    assert query(declared, "SELECT 1") == [(1,)]
    assert not half.exists()


def test_delete_stops_the_server_and_keeps_the_data_only_if_they_are_retained(
    resource: Declared, declared: PostgresServerSpec
) -> None:
    resource.up(declared)
    query(declared, "CREATE TABLE kept AS SELECT 7 AS id")
    resource.provider.retain_data = True
    resource.delete()
    assert declared.server.process() is None
    resource.up(declared)
    assert query(declared, "SELECT id FROM kept") == [(7,)]
    resource.provider.retain_data = False
    resource.delete()
    assert declared.server.process() is None
    assert not Path(declared.folder).exists()


def test_files_with_secrets_are_their_owners_alone(
    resource: Declared, declared: PostgresServerSpec
) -> None:
    resource.up(declared)
    folder = Path(declared.folder)
    assert {p.name for p in folder.iterdir()} == {"data", "log", "pgpass"}
    assert oct((folder / "pgpass").stat().st_mode & 0o777) == "0o600"
    assert oct((folder / "data").stat().st_mode & 0o777) == "0o700"
