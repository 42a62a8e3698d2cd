from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psutil
import psycopg
import pytest

from citus.cluster import postgresql_conf
from citus.platforms.local import engine as engines
from citus.platforms.local.installation import Installation
from citus.platforms.local.postgres_server import PostgresServerProvider
from citus.platforms.local.server_spec import PostgresServerSpec
from tests.live.cluster import HOST, free_ports
from tests.live.declared import Declared

PASSWORD = "the-superuser's"


def query(spec: PostgresServerSpec, text: str) -> list[tuple[object, ...]]:
    """Ask the server, as its superuser."""
    with psycopg.connect(
        host=spec.host, port=spec.port, user="postgres", password=PASSWORD, autocommit=True
    ) as session:
        cursor = session.execute(text.encode())
        return cursor.fetchall() if cursor.description else []


def postmaster(spec: PostgresServerSpec) -> psutil.Process:
    found = spec.server.process()
    assert found
    return found


def with_settings(spec: PostgresServerSpec, more: Mapping[str, str]) -> PostgresServerSpec:
    return replace(spec, settings={**spec.settings, **more})


def kill(process: psutil.Process) -> None:
    """``kill -9`` a process, and return when nothing is left of it, or what nobody reaps.

    One that has ended by itself, as gunicorn's workers do after their master, is no error.
    """
    with suppress(psutil.NoSuchProcess):
        process.kill()
    deadline = time.monotonic() + 10
    while psutil.pid_exists(process.pid) and (lives(process.pid) or not _is_ours(process)):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def lives(pid: int) -> bool:
    """Tell whether a process runs; one that has ended and waits to be reaped does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _is_ours(process: psutil.Process) -> bool:
    try:
        return process.ppid() == os.getpid()
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def declared(engine: Installation, tmp_path: Path) -> Iterator[PostgresServerSpec]:
    """Declare a server; whatever runs of it after the test is stopped."""
    spec = PostgresServerSpec(
        name="worker-7",
        folder=(tmp_path / "worker-7").as_posix(),
        host=HOST,
        port=free_ports(1)[0],
        bin=engine.bin,
        major=engine.major,
        settings={**postgresql_conf.worker(), **engines.settings(engine), "fsync": "off"},
        password=PASSWORD,
        running=True,
    )
    yield spec
    spec.server.stop()


@pytest.fixture
def resource() -> Iterator[Declared]:
    """Give a server that no `up` has made yet."""
    limit = getattr(sys, "tracebacklimit", None)
    yield Declared(PostgresServerProvider())
    assert getattr(sys, "tracebacklimit", None) == limit
