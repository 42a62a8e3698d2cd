"""The user service while its database goes, comes back, or changes its password."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from services.runtime.settings import Settings
from services.user.app import create_app

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

    from tests.live.services.postgres import Server

pytestmark = pytest.mark.live

ANN = [{"name": "Ann", "email": "ann@example.org"}]


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_a_dead_database_is_a_503_and_a_new_start_mends_it(
    client: FlaskClient, server: Server, mode: str
) -> None:
    client.post("/users", json=ANN)
    server.stop(mode)
    for method, path in [("GET", "/users"), ("POST", "/users"), ("GET", "/readyz")]:
        start = time.monotonic()
        response = client.open(path, method=method, json=ANN)
        assert time.monotonic() - start < 3
        assert (response.status_code, response.json) == (
            503,
            {"error": "the database doesn't answer"},
        )
    assert client.get("/healthz").status_code == 200
    server.start()
    assert client.get("/readyz").status_code == 200
    assert client.post("/users", json=ANN).status_code == 201


def test_a_restart_between_requests_is_not_seen(app: Flask, server: Server) -> None:
    """Each pooled connection is dead; the very next requests work all the same, and fast."""
    pool = app.extensions["pool"]
    with pool.connection(), pool.connection(), pool.connection(), pool.connection():
        pass
    server.stop()
    server.start()
    client = app.test_client()
    start = time.monotonic()
    assert [client.get("/users").status_code for _ in range(8)] == [200] * 8
    assert time.monotonic() - start < 1


def test_a_service_may_start_before_its_database(server: Server) -> None:
    server.stop()
    app = create_app(Settings.from_environment(server.environ()))
    client = app.test_client()
    assert client.get("/readyz").status_code == 503
    server.start()
    assert client.get("/readyz").status_code == 200
    app.extensions["pool"].close()


def test_a_changed_password_needs_no_restart(app: Flask, server: Server) -> None:
    """The file is read for each connection; open ones go on."""
    client = app.test_client()
    assert client.get("/readyz").status_code == 200
    old = server.password_file.read_text(encoding="utf-8")
    with server.connect() as connection:
        connection.execute("ALTER ROLE user_service PASSWORD 'new'")
        try:
            assert client.get("/readyz").status_code == 200
            server.password_file.write_text("new", encoding="utf-8")
            connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                "WHERE usename = 'user_service'"
            )
            assert client.get("/readyz").status_code == 200
        finally:
            server.password_file.write_text(old, encoding="utf-8")
            connection.execute("ALTER ROLE user_service PASSWORD 'it''s a secret'")
