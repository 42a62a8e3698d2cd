"""Each service while its database goes, comes back, or changes its password."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.live.services import every_service
from tests.live.services.every_service import ANSWERS, Service

if TYPE_CHECKING:
    from tests.live.services.postgres import Server

pytestmark = pytest.mark.live


@pytest.mark.parametrize("mode", [pytest.param("fast", marks=pytest.mark.long), "immediate"])
def test_a_dead_database_is_a_503_and_a_new_start_mends_it(
    service: Service, server: Server, mode: str
) -> None:
    client = service.app.test_client()
    assert service.call() == ANSWERS[service.name]
    server.stop(mode)
    for ask in (service.call, lambda: client.get("/readyz").status_code):
        start = time.monotonic()
        assert ask() == 503
        assert time.monotonic() - start < 3
    assert client.get("/readyz").json == {"error": "the database doesn't answer"}
    assert client.get("/healthz").status_code == 200
    server.start()
    assert client.get("/readyz").status_code == 200
    assert service.call() == ANSWERS[service.name]


def test_a_restart_between_requests_is_not_seen(service: Service, server: Server) -> None:
    """Each pooled connection is dead; the very next requests work all the same, and fast."""
    pool = service.app.extensions["pool"]
    with pool.connection(), pool.connection(), pool.connection(), pool.connection():
        pass
    server.stop()
    server.start()
    start = time.monotonic()
    assert [service.call() for _ in range(8)] == [ANSWERS[service.name]] * 8
    assert time.monotonic() - start < 1.5


@pytest.mark.parametrize("name", every_service.CALLS)
def test_a_service_may_start_before_its_database(server: Server, name: str) -> None:
    server.stop()
    app = every_service.make(name, server).app
    client = app.test_client()
    assert client.get("/readyz").status_code == 503
    server.start()
    assert client.get("/readyz").status_code == 200
    app.extensions["pool"].close()


def test_a_changed_password_needs_no_restart(service: Service, server: Server) -> None:
    """The file is read for each connection; open ones go on."""
    client = service.app.test_client()
    role = f"{service.name}_service"
    assert client.get("/readyz").status_code == 200
    old = server.password_file.read_text(encoding="utf-8")
    with server.connect() as connection:
        connection.execute(f"ALTER ROLE {role} PASSWORD 'new'".encode())
        try:
            assert client.get("/readyz").status_code == 200
            server.password_file.write_text("new", encoding="utf-8")
            connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = %s",
                (role,),
            )
            assert client.get("/readyz").status_code == 200
        finally:
            server.password_file.write_text(old, encoding="utf-8")
            connection.execute(f"ALTER ROLE {role} PASSWORD 'it''s a secret'".encode())


def test_it_connects_as_its_own_role_by_its_own_name(service: Service, server: Server) -> None:
    assert service.app.test_client().get("/readyz").status_code == 200
    with server.connect() as connection:
        rows = connection.execute(
            "SELECT usename, application_name FROM pg_stat_activity "
            "WHERE usename <> 'postgres' AND state = 'idle'"
        ).fetchall()
    assert set(rows) == {(f"{service.name}_service", f"{service.name}_service")}
