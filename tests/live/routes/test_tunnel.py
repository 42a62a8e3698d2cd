"""Bytes in both directions, between a listener in a pod and a client that each take their time."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from citus.routes import tunnel
from citus.routes.ways import WAYS
from tests.live.routes.conftest import POD, PORT
from tests.live.routes.fake_api import HOST, FakeApi

pytestmark = pytest.mark.live

MEGABYTE = 2**20
Talk = Callable[[socket.socket], None]
Listen = Callable[[Talk], None]


@pytest.fixture
def in_the_pod(api: FakeApi) -> Iterator[Listen]:
    """Let a function talk to whoever comes."""
    with socket.create_server((HOST, 0)) as server:
        api.pods[POD] = {PORT: server.getsockname()[1]}
        talks: list[threading.Thread] = []

        def listen(talk: Talk) -> None:
            def accept() -> None:
                connection, _ = server.accept()
                with connection:
                    talk(connection)

            talks.append(threading.Thread(target=accept))
            talks[0].start()

        yield listen
        for thread in talks:
            thread.join(10)
            assert not thread.is_alive()


def dial() -> socket.socket:
    forward = WAYS.forward(f"kubernetes:{POD}", PORT)
    return socket.create_connection((HOST, forward.port), timeout=20)


def read_all(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(MEGABYTE), b""))


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tunnel, "_PING_SECONDS", 0.1)
    monkeypatch.setattr(tunnel, "_SILENCE_SECONDS", 1)


def test_the_last_words_of_a_server_are_heard(in_the_pod: Listen) -> None:
    """As PostgreSQL says why it lets nobody in, and hangs up."""
    in_the_pod(lambda server: server.sendall(b"x" * 10 * MEGABYTE + b"goodbye"))
    with dial() as client:
        assert read_all(client).endswith(b"xgoodbye")


def test_the_last_words_of_a_client_are_heard(in_the_pod: Listen) -> None:
    heard: list[bytes] = []
    in_the_pod(lambda server: heard.append(read_all(server)))
    with dial() as client:
        client.sendall(b"x" * 10 * MEGABYTE + b"goodbye")
    assert _comes(heard).endswith(b"xgoodbye")


def test_a_client_that_has_ended_its_half_is_answered(in_the_pod: Listen) -> None:
    def answer(server: socket.socket) -> None:
        assert server.recv(100) == b"question"
        server.sendall(b"answer")

    in_the_pod(answer)
    with dial() as client:
        client.sendall(b"question")
        client.shutdown(socket.SHUT_WR)
        assert read_all(client) == b"answer"


@pytest.mark.usefixtures("_impatient")
def test_a_client_may_take_its_time(in_the_pod: Listen) -> None:
    """As psql does while a pager shows the first page."""
    in_the_pod(lambda server: server.sendall(b"x" * 50 * MEGABYTE))
    with dial() as client:
        time.sleep(3)
        assert len(read_all(client)) == 50 * MEGABYTE


@pytest.mark.usefixtures("_impatient")
def test_a_server_may_take_its_time(in_the_pod: Listen) -> None:
    """As PostgreSQL does while a COPY waits for a lock: it answers no ping either."""
    heard: list[bytes] = []

    def listen_late(server: socket.socket) -> None:
        time.sleep(3)
        heard.append(read_all(server))

    in_the_pod(listen_late)
    with dial() as client:
        client.sendall(b"x" * 50 * MEGABYTE)
    assert len(_comes(heard)) == 50 * MEGABYTE


@pytest.mark.usefixtures("_impatient")
def test_silence_in_the_pod_is_no_loss(in_the_pod: Listen) -> None:
    """As while a statement runs: the API answers for it."""

    def think(server: socket.socket) -> None:
        time.sleep(3)
        server.sendall(b"done")

    in_the_pod(think)
    with dial() as client:
        client.sendall(b"SELECT")
        assert read_all(client) == b"done"


def test_what_nobody_takes_is_held_back(in_the_pod: Listen) -> None:
    """Else a large result would fill the memory of this process."""
    sent = [0]

    def send_for_ever(server: socket.socket) -> None:
        with suppress(OSError):
            while True:
                sent[0] += server.send(b"x" * MEGABYTE)

    in_the_pod(send_for_ever)
    with dial():
        time.sleep(2)
        taken = sent[0]
        time.sleep(1)
        assert sent[0] == taken < 64 * MEGABYTE, "the kernel's buffers, and no more"


def test_a_process_that_ends_waits_for_nobody(in_the_pod: Listen) -> None:
    def send(server: socket.socket) -> None:
        with suppress(OSError):
            server.sendall(b"x" * 50 * MEGABYTE)

    in_the_pod(send)
    with dial():
        time.sleep(1)
        began = time.monotonic()
        WAYS.close()
        assert time.monotonic() - began < 2


def _comes(heard: list[bytes]) -> bytes:
    deadline = time.monotonic() + 10
    while not heard and time.monotonic() < deadline:
        time.sleep(0.05)
    return heard[0]
