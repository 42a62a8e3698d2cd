from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from services.ping.app import create_app
from services.ping.pinger import Pinger
from services.runtime.settings import Settings
from tests.live.services import every_service
from tests.live.services.every_service import Service
from tests.live.services.gunicorn_process import Gunicorn
from tests.live.services.postgres import BIN, Server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient

PingScript = Callable[[str], None]
REPORT = "4 packets transmitted, 4 received, 0% packet loss"


@pytest.fixture(scope="session")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give one server for all tests of services."""
    if BIN is None:
        pytest.skip("no packaged PostgreSQL on this machine")
    server = Server(tmp_path_factory.mktemp("postgres"))
    yield server
    if server.running:
        server.stop("immediate")


@pytest.fixture
def server(started: Server) -> Server:
    """Give the server up and its tables empty, whatever the test before did."""
    if not started.running:
        started.start()
    started.empty()
    return started


@pytest.fixture
def app(server: Server) -> Iterator[Flask]:
    """Give the user service in this process."""
    app = every_service.make("user", server).app
    yield app
    app.extensions["pool"].close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def gunicorn(request: pytest.FixtureRequest, server: Server) -> Iterator[Gunicorn]:
    """Give a service as a platform runs it; the user service, where the test names no other."""
    service = getattr(request, "param", "user")
    with Gunicorn(server.environ(service), service) as process:
        process.wait_until_up()
        yield process


@pytest.fixture
def ping_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PingScript:
    """Give what puts a shell script in the place of ping, for all that is started after it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    def write(body: str) -> None:
        (folder / "ping").write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
        (folder / "ping").chmod(0o755)

    return write


@pytest.fixture
def ping_client(server: Server) -> Iterator[FlaskClient]:
    """Give the ping service with one connection, two pings at once, and little patience."""
    environ = {**server.environ("ping"), "POOL_MAX_SIZE": "1"}
    app = create_app(Settings.from_environment(environ), Pinger(at_once=2, seconds=1.0))
    yield app.test_client()
    app.extensions["pool"].close()


@pytest.fixture(params=every_service.CALLS)
def service(
    request: pytest.FixtureRequest, server: Server, ping_script: PingScript
) -> Iterator[Service]:
    """Give each service in this process; its ping takes no time."""
    ping_script(f"echo {REPORT}")
    made = every_service.make(request.param, server)
    yield made
    made.app.extensions["pool"].close()
