"""The time service in this process, on a real PostgreSQL."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING

import pytest

from services.runtime.settings import Settings
from services.time.app import create_app

if TYPE_CHECKING:
    from flask import Flask

    from tests.live.services.postgres import Server

pytestmark = pytest.mark.live

STORED = "ip_address, query_time"


@pytest.fixture(params=["0"])
def app(request: pytest.FixtureRequest, server: Server) -> Iterator[Flask]:
    """Give the time service behind so many proxies as the test says."""
    environ = {**server.environ("time"), "TRUSTED_PROXIES": request.param}
    app = create_app(Settings.from_environment(environ))
    yield app
    app.extensions["pool"].close()


def test_the_time_as_in_the_tutorial(app: Flask, server: Server) -> None:
    response = app.test_client().get("/current_time")
    assert (response.status_code, response.mimetype) == (200, "application/json")
    assert re.fullmatch(
        r'\{"current_time":"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d","ip_address":"127\.0\.0\.1"\}\n',
        response.text,
    )
    assert response.headers["Cache-Control"] == "no-store"
    now = datetime.now(UTC).replace(tzinfo=None)
    told = datetime.fromisoformat(response.json["current_time"])  # type: ignore[index]
    assert now - timedelta(seconds=5) < told <= now
    assert server.rows("time", STORED) == [(ip_address("127.0.0.1"), told)]


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "America/St_Johns"])
def test_it_is_utc_wherever_the_database_is(
    app: Flask, server: Server, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    monkeypatch.setenv("TZ", zone)
    with server.connect() as connection:
        connection.execute(f"ALTER ROLE time_service SET timezone = '{zone}'".encode())
        try:
            response = app.test_client().get("/current_time")
        finally:
            connection.execute("ALTER ROLE time_service RESET timezone")
    told = datetime.fromisoformat(response.json["current_time"])  # type: ignore[index]
    assert abs(datetime.now(UTC).replace(tzinfo=None) - told) < timedelta(seconds=5)
    assert [row[1] for row in server.rows("time", STORED)] == [told]


@pytest.mark.parametrize(
    ("peer", "address"),
    [
        ("192.168.65.1", "192.168.65.1"),
        ("::1", "::1"),
        ("2001:db8::5", "2001:db8::5"),
        ("::ffff:192.168.65.1", "192.168.65.1"),
        ("fe80::1%eth0", "fe80::1"),
    ],
)
def test_any_address_can_be_told_and_stored(
    app: Flask, server: Server, peer: str, address: str
) -> None:
    response = app.test_client().get("/current_time", environ_base={"REMOTE_ADDR": peer})
    assert response.json["ip_address"] == address  # type: ignore[index]
    assert [row[0] for row in server.rows("time", STORED)] == [ip_address(address)]


@pytest.mark.parametrize(
    ("app", "address"),
    [("0", "127.0.0.1"), ("1", "192.0.2.2"), ("2", "192.0.2.1"), ("3", "127.0.0.1")],
    indirect=["app"],
)
def test_a_proxy_is_believed_by_setting_only(app: Flask, server: Server, address: str) -> None:
    headers = {"X-Forwarded-For": "192.0.2.1, 192.0.2.2"}
    response = app.test_client().get("/current_time", headers=headers)
    assert response.json["ip_address"] == address  # type: ignore[index]
    assert [row[0] for row in server.rows("time", STORED)] == [ip_address(address)]


def test_each_query_is_a_row(app: Flask, server: Server) -> None:
    client = app.test_client()
    assert [client.get("/current_time").status_code for _ in range(5)] == [200] * 5
    assert server.rows("time", "id") == [(number,) for number in range(1, 6)]


def test_nothing_is_told_that_is_not_stored(app: Flask, server: Server) -> None:
    with server.connect() as connection:
        connection.execute("REVOKE INSERT ON time_service.query_details FROM time_service")
        try:
            response = app.test_client().get("/current_time")
        finally:
            connection.execute("GRANT INSERT ON time_service.query_details TO time_service")
    assert (response.status_code, response.json) == (500, {"error": "internal error"})
    assert server.rows("time") == []
