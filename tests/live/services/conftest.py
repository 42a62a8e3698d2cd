from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from services.runtime.settings import Settings
from services.user.app import create_app
from tests.live.services.gunicorn_process import Gunicorn
from tests.live.services.postgres import BIN, Server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from flask.testing import FlaskClient


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
    """Give the server up and its table empty, whatever the test before did."""
    if not started.running:
        started.start()
    with started.connect("user_service") as connection:
        connection.execute("TRUNCATE users RESTART IDENTITY")
    return started


@pytest.fixture
def app(server: Server) -> Iterator[Flask]:
    """Give the service in this process."""
    app = create_app(Settings.from_environment(server.environ()))
    yield app
    app.extensions["pool"].close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def gunicorn(server: Server) -> Iterator[Gunicorn]:
    """Give the service as a platform runs it."""
    with Gunicorn(server.environ()) as process:
        process.wait_until_up()
        yield process
