"""The time service over HTTP.

``GET /current_time`` answers ``{"current_time": "2023-12-25 06:19:28", "ip_address": …}``: the time
in UTC and the address of the client, both as they are stored.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flask import Flask, request

from services.runtime import service
from services.time.client import client_address
from services.time.store import QueryStore

if TYPE_CHECKING:
    from services.runtime.settings import Settings

# Each query is one of its own: no cache may answer it.
_HEADERS = {"Cache-Control": "no-store"}


def create_app(settings: Settings) -> Flask:
    """Return the service; the database need not be there yet."""
    app, pool = service.new_app(__name__, settings)
    store = QueryStore(pool)

    @app.get("/current_time")
    def current_time() -> tuple[dict[str, str], dict[str, str]]:
        now = datetime.now(UTC).replace(microsecond=0, tzinfo=None)
        address = client_address(request.environ)
        store.add(address, now)
        return {"current_time": now.isoformat(" "), "ip_address": str(address)}, _HEADERS

    return app


def from_environment() -> Flask:
    """Return the service that the environment's settings describe; gunicorn calls this."""
    return service.from_environment(create_app)
