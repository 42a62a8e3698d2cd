"""What a service writes under gunicorn: JSON, a line an event, each with its request's id."""

from __future__ import annotations

import re
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from tests.live.services.gunicorn_process import Gunicorn

if TYPE_CHECKING:
    from tests.live.services.postgres import Server

pytestmark = pytest.mark.live


def requests(gunicorn: Gunicorn) -> list[dict[str, Any]]:
    """Give the lines about requests, without those that waited for the start."""
    return [
        line
        for line in gunicorn.log()
        if line["logger"] == "gunicorn.access" and line["path"] != "/healthz"
    ]


def stop(gunicorn: Gunicorn) -> None:
    gunicorn.process.send_signal(signal.SIGTERM)
    assert gunicorn.process.wait(10) == 0


def test_a_request_is_a_line_with_all_that_is_known_of_it(gunicorn: Gunicorn) -> None:
    answer = gunicorn.request("GET", "/users?limit=1", headers={"X-Request-ID": "abc-1"})
    assert answer.headers["X-Request-ID"] == "abc-1"
    stop(gunicorn)
    [line] = requests(gunicorn)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", line.pop("time"))
    assert 0 < line.pop("duration_ms") < 10_000
    assert line.pop("process") != gunicorn.process.pid
    assert line == {
        "level": "INFO",
        "logger": "gunicorn.access",
        "request_id": "abc-1",
        "message": "GET /users 200",
        "method": "GET",
        "path": "/users",
        "status": 200,
        "client": "127.0.0.1",
    }


def test_each_line_of_a_request_has_its_id_and_no_other_has(
    gunicorn: Gunicorn, server: Server
) -> None:
    """A database that goes away is logged in mid-request."""
    server.stop()
    answer = gunicorn.request("GET", "/users", headers={"X-Request-ID": "abc-1"})
    assert answer.status == 503
    made = gunicorn.request("GET", "/users", headers={"X-Request-ID": "not sane"})
    stop(gunicorn)
    by_id: dict[str | None, list[str]] = {}
    for line in gunicorn.log():
        if line.get("path") != "/healthz":
            by_id.setdefault(line.get("request_id"), []).append(line["logger"])
    for request_id in ("abc-1", made.headers["X-Request-ID"]):
        loggers = set(by_id.pop(request_id)) - {"psycopg.pool"}
        assert loggers == {"gunicorn.access", "services.runtime.errors"}
    assert by_id.keys() == {None}
    assert set(by_id[None]) <= {"gunicorn.error", "psycopg.pool"}


def test_a_bug_is_one_line_with_its_traceback(gunicorn: Gunicorn, server: Server) -> None:
    with server.connect() as connection:
        connection.execute("REVOKE SELECT ON user_service.users FROM user_service")
        try:
            answer = gunicorn.request("GET", "/users")
        finally:
            connection.execute("GRANT SELECT ON user_service.users TO user_service")
    assert answer.status == 500
    stop(gunicorn)
    [line] = [line for line in gunicorn.log() if line["level"] == "ERROR"]
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert "permission denied for table users" in line["exception"]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET /" + b"x" * 5000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 9000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\n" + b"X-%d: x\r\n" * 70 % tuple(range(70)) + b"\r\n", 431),
        (b'"}\n{" / HTTP/1.1\r\n\r\n', 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 400),
    ],
    ids=["line", "field", "fields", "quotes", "TLS"],
)
def test_what_gunicorn_refuses_is_logged_as_json_too(
    gunicorn: Gunicorn, sent: bytes, status: int
) -> None:
    with socket.create_connection(("127.0.0.1", gunicorn.port), 5) as client:
        client.sendall(sent)
        assert client.recv(100).startswith(b"HTTP/1.1 %d " % status)
    stop(gunicorn)
    assert [line for line in gunicorn.log() if line["level"] == "WARNING"]
    assert all("request_id" not in line for line in gunicorn.log() if line["level"] == "WARNING")


def test_a_path_from_a_client_stays_in_its_line(gunicorn: Gunicorn) -> None:
    gunicorn.request("GET", '/%0a{"level":%22ERROR%22}?password=geheim')
    stop(gunicorn)
    assert [line["path"] for line in requests(gunicorn)] == ['/%0a{"level":%22ERROR%22}']
    assert "geheim" not in gunicorn.stdout() + gunicorn.stderr()


def test_lines_of_many_at_once_do_not_mix(gunicorn: Gunicorn) -> None:
    path = "/" + "x" * 3000
    with ThreadPoolExecutor(16) as threads:
        ids = [f"id-{number}" for number in range(400)]
        list(
            threads.map(
                lambda sent: gunicorn.request("GET", path, headers={"X-Request-ID": sent}), ids
            )
        )
    stop(gunicorn)
    assert sorted(line["request_id"] for line in requests(gunicorn)) == sorted(ids)


def test_the_client_behind_a_proxy_is_logged(server: Server) -> None:
    with Gunicorn({**server.environ("time"), "TRUSTED_PROXIES": "1"}, "time") as gunicorn:
        gunicorn.wait_until_up()
        forwarded = {"X-Forwarded-For": "203.0.113.9, 192.0.2.1"}
        answer = gunicorn.request("GET", "/current_time", headers=forwarded)
        assert answer.json["ip_address"] == "192.0.2.1"
        stop(gunicorn)
        assert [line["client"] for line in requests(gunicorn)] == ["192.0.2.1"]
