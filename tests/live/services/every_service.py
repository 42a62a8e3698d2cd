"""The services, each with a call that needs its database."""

from __future__ import annotations

from typing import NamedTuple

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import services.ping.app
import services.time.app
import services.user.app
from services.runtime.settings import Settings
from tests.live.services.load import Call
from tests.live.services.postgres import Server

TEN = [{"name": f"n{i}", "email": f"e{i}"} for i in range(10)]
CALLS = {
    "user": Call("POST", "/users", TEN),
    "time": Call("GET", "/current_time"),
    "ping": Call("POST", "/ping", {"host": "localhost"}),
}
ANSWERS = {"user": 201, "time": 200, "ping": 200}
_MAKERS = {
    "user": services.user.app.create_app,
    "time": services.time.app.create_app,
    "ping": services.ping.app.create_app,
}


class Service(NamedTuple):
    """A service in this process."""

    name: str
    app: Flask

    def call(self) -> int:
        """Make its call, and return the status."""
        method, path, body = CALLS[self.name]
        return self.app.test_client().open(path, method=method, json=body).status_code


def make(name: str, server: Server) -> Service:
    """Make the service *name*; whoever does so closes its pool."""
    return Service(name, _MAKERS[name](Settings.from_environment(server.environ(name))))


def ping(client: FlaskClient, host: str = "localhost") -> TestResponse:
    """Have the ping service ping *host*."""
    return client.post("/ping", json={"host": host})
