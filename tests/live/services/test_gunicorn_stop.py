"""A service that is told to stop while clients are at it."""

from __future__ import annotations

import http.client
import signal
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

import psutil
import pytest

from services.runtime.listener import let_no_more_in
from tests.live.services.every_service import ANSWERS, CALLS
from tests.live.services.gunicorn_process import Gunicorn
from tests.live.services.load import Call, Load

if TYPE_CHECKING:
    from tests.live.services.conftest import PingScript
    from tests.live.services.postgres import Server

pytestmark = pytest.mark.live


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone can close a port without loss")
@pytest.mark.parametrize("_round", range(3))
@pytest.mark.parametrize("service", ["time", "user"])
def test_no_request_fails(server: Server, service: str, _round: int) -> None:
    """Each client is answered in full until it is refused, and what was stored was answered.

    More clients than threads, so that connections wait in the kernel when the stop comes.
    """
    with Gunicorn(server.environ(service), service) as gunicorn:
        gunicorn.wait_until_up()
        load = Load(gunicorn.port, CALLS[service], clients=24)
        time.sleep(0.7)
        gunicorn.process.send_signal(signal.SIGTERM)
        told = time.monotonic()
        load.wait()
        assert gunicorn.process.wait(10) == 0
        assert "Traceback" not in gunicorn.stderr()
    status = ANSWERS[service]
    assert load.seen.keys() == {status, "refused"}, load.seen
    assert load.seen["refused"] == 24
    assert load.last_answer > told
    rows_of_each = len(CALLS[service].body or [None])
    assert len(server.rows(service)) == load.seen[status] * rows_of_each


def test_workers_are_replaced_without_a_failed_request(gunicorn: Gunicorn) -> None:
    """SIGHUP ends the workers, but not the port; nobody is refused."""
    load = Load(gunicorn.port, Call("GET", "/users?limit=1"), clients=8, seconds=4)
    before = {child.pid for child in psutil.Process(gunicorn.process.pid).children()}
    for _ in range(2):
        time.sleep(1)
        gunicorn.process.send_signal(signal.SIGHUP)
    load.wait()
    assert load.seen.keys() == {200}, load.seen
    assert not before & {child.pid for child in psutil.Process(gunicorn.process.pid).children()}
    gunicorn.process.send_signal(signal.SIGTERM)
    assert gunicorn.process.wait(10) == 0


def test_what_is_under_way_is_finished(server: Server, ping_script: PingScript) -> None:
    """Requests that take longer than everything else of a stop."""
    ping_script("sleep 2; echo 4 packets transmitted")
    with Gunicorn(server.environ("ping"), "ping") as gunicorn:
        gunicorn.wait_until_up()
        with ThreadPoolExecutor(4) as threads:
            pings = [
                threads.submit(gunicorn.request, "POST", "/ping", {"host": "localhost"})
                for _ in range(4)
            ]
            time.sleep(1)
            gunicorn.process.send_signal(signal.SIGTERM)
            assert [ping.result().status for ping in pings] == [200] * 4
        assert gunicorn.process.wait(10) == 0
    assert len(server.rows("ping")) == 4


def test_a_long_answer_is_whole(gunicorn: Gunicorn, server: Server) -> None:
    """It is sent in pieces; each that was begun has its end, which is the end of its JSON."""
    with server.connect("user_service") as connection:
        connection.execute(
            "INSERT INTO users (name, email) SELECT 'n' || i, 'e' FROM generate_series(1, 20000) i"
        )
    load = Load(gunicorn.port, Call("GET", "/users"), clients=6)
    time.sleep(1.5)
    gunicorn.process.send_signal(signal.SIGTERM)
    load.wait()
    assert gunicorn.process.wait(10) == 0
    assert load.seen.keys() == {200, "refused"}, load.seen


def test_a_client_that_does_not_hang_up_keeps_nobody_waiting(server: Server) -> None:
    with Gunicorn({**server.environ(), "WEB_CONCURRENCY": "1"}) as gunicorn, ExitStack() as clients:
        gunicorn.wait_until_up()
        for _ in range(3):
            client = socket.create_connection(("127.0.0.1", gunicorn.port), 5)
            clients.enter_context(client)
            client.sendall(b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n")
            assert client.recv(12) == b"HTTP/1.1 200"
        start = time.monotonic()
        assert gunicorn.request("GET", "/healthz").status == 200
        assert time.monotonic() - start < 1
        # Nor do they hold up the end.
        gunicorn.process.send_signal(signal.SIGTERM)
        assert gunicorn.process.wait(5) == 0


def test_a_kept_connection_is_told_to_close(gunicorn: Gunicorn) -> None:
    """A client that is at rest when the stop comes has its next request answered still."""
    with closing(http.client.HTTPConnection("127.0.0.1", gunicorn.port, timeout=10)) as connection:
        for farewell in (False, True):
            connection.request("GET", "/users")
            response = connection.getresponse()
            response.read()
            assert response.status == 200
            assert (response.getheader("Connection") == "close") == farewell
            if not farewell:
                gunicorn.process.send_signal(signal.SIGTERM)
                time.sleep(0.8)
    assert gunicorn.process.wait(10) == 0


def test_a_new_connection_is_refused_soon(gunicorn: Gunicorn) -> None:
    gunicorn.process.send_signal(signal.SIGTERM)
    told = time.monotonic()
    assert gunicorn.process.wait(10) == 0
    assert time.monotonic() - told < 3
    with pytest.raises(ConnectionRefusedError):
        gunicorn.request("GET", "/healthz")


@pytest.mark.skipif(sys.platform != "linux", reason="a filter of Linux")
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_listener_that_lets_no_more_in_keeps_who_got_in(host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as listener:
        try:
            listener.bind((host, 0))
        except OSError:
            pytest.skip(f"no {host} on this machine")
        listener.listen()
        address = listener.getsockname()[:2]
        with socket.create_connection(address, 5) as client:
            let_no_more_in(listener)
            with pytest.raises(TimeoutError):
                socket.create_connection(address, 0.3)
            accepted, _ = listener.accept()
            with accepted:
                client.sendall(b"ping")
                assert accepted.recv(4) == b"ping"
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, 5)
