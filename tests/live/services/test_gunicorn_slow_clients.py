"""Clients that begin a request and then say nothing."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from tests.live.services.gunicorn_process import Gunicorn

if TYPE_CHECKING:
    from tests.live.services.postgres import Server

pytestmark = pytest.mark.live

HALF_A_HEADER = b"GET /users HTTP/1.1\r\nHost: x\r\nX-"
HALF_A_BODY = (
    b"POST /users HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    b"Content-Length: 100\r\n\r\n["
)


@pytest.mark.parametrize("begun", [HALF_A_HEADER, HALF_A_BODY], ids=["header", "body"])
def test_they_do_not_keep_the_service_from_others(server: Server, begun: bytes) -> None:
    environ = {**server.environ(), "CLIENT_TIMEOUT": "1"}
    with Gunicorn(environ) as gunicorn, ExitStack() as clients:
        gunicorn.wait_until_up()
        for _ in range(40):  # more than it has threads
            client = socket.create_connection(("127.0.0.1", gunicorn.port))
            clients.enter_context(client)
            client.sendall(begun)
        assert gunicorn.request("GET", "/healthz").status == 200
