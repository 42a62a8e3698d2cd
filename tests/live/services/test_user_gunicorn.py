"""The user service as a platform runs it: gunicorn, processes, signals."""

from __future__ import annotations

import http.client
import signal
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.live.services.gunicorn_process import Gunicorn

if TYPE_CHECKING:
    from tests.live.services.postgres import Server

pytestmark = pytest.mark.live

TEN = [{"name": f"n{i}", "email": f"e{i}"} for i in range(10)]


def test_it_serves_and_stops(gunicorn: Gunicorn) -> None:
    assert gunicorn.request("POST", "/users", TEN).json["user_ids"] == list(range(1, 11))
    assert len(gunicorn.request("GET", "/users").json) == 10
    assert gunicorn.request("GET", "/readyz").status == 200
    assert gunicorn.request("GET", "/nowhere").status == 404
    assert gunicorn.request("DELETE", "/users").status == 405
    gunicorn.process.send_signal(signal.SIGTERM)
    assert gunicorn.process.wait(10) == 0
    assert "Traceback" not in gunicorn.stderr()


def test_a_body_too_large_is_refused_before_it_is_sent(gunicorn: Gunicorn) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", gunicorn.port, timeout=5)) as connection:
        connection.putrequest("POST", "/users")
        connection.putheader("Content-Type", "application/json")
        connection.putheader("Content-Length", str(2**40))
        connection.endheaders()
        assert connection.getresponse().status == 413


def test_a_body_that_does_not_tell_its_size_is_cut_off(gunicorn: Gunicorn) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", gunicorn.port, timeout=5)) as connection:
        pieces = (b" " * 2**16 for _ in range(2**7 + 1))
        connection.request(
            "POST", "/users", pieces, {"Content-Type": "application/json"}, encode_chunked=True
        )
        assert connection.getresponse().status == 413


def test_many_at_once_share_out_the_ids(gunicorn: Gunicorn, server: Server) -> None:
    with ThreadPoolExecutor(32) as threads:
        answers = list(threads.map(lambda _: gunicorn.request("POST", "/users", TEN), range(200)))
    assert Counter(answer.status for answer in answers) == {201: 200}
    assert all(answer.json["user_ids"] == sorted(answer.json["user_ids"]) for answer in answers)
    ids = {i for answer in answers for i in answer.json["user_ids"]}
    assert ids == {user["id"] for user in gunicorn.request("GET", "/users").json}
    assert len(ids) == 2000
    with server.connect() as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = 'user_service'"
        ).fetchone()
    assert row
    assert isinstance(row[0], int)
    assert row[0] <= 16


def test_a_restart_of_the_database_needs_none_of_the_service(
    gunicorn: Gunicorn, server: Server
) -> None:
    with ThreadPoolExecutor(16) as threads:
        list(threads.map(lambda _: gunicorn.request("GET", "/users"), range(64)))
    server.stop("immediate")
    start = time.monotonic()
    assert gunicorn.request("GET", "/users").status == 503
    assert time.monotonic() - start < 3
    assert gunicorn.request("GET", "/healthz").status == 200
    server.start()
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda _: gunicorn.request("POST", "/users", TEN), range(64)))
    assert Counter(answer.status for answer in answers) == {201: 64}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"DATABASE_HOST": ""}, "DATABASE_HOST is not set.\n"),
        (
            {"DATABASE_PORT": "x"},
            "DATABASE_PORT is 'x', but must be a whole number from 1 to 65535.\n",
        ),
        (
            {"DATABASE_PASSWORD_FILE": "/absent"},
            "DATABASE_PASSWORD_FILE: can't read /absent: No such file or directory.\n",
        ),
    ],
)
def test_a_bad_variable_ends_the_start_in_a_sentence(
    server: Server, change: dict[str, str], sentence: str
) -> None:
    with Gunicorn({**server.environ(), **change}) as process:
        assert process.process.wait(10) not in (0, None)
        assert sentence in process.stderr()
        assert "Traceback" not in process.stderr()


def test_the_password_is_in_no_log_and_no_environment(gunicorn: Gunicorn, server: Server) -> None:
    server.stop()
    gunicorn.request("GET", "/users")
    assert "it's a secret" not in gunicorn.stdout() + gunicorn.stderr() + server.log()
