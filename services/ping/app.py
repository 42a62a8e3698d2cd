"""The ping service over HTTP.

``POST /ping`` takes ``{"host": …}``, pings it four times, stores what ping said and answers
``{"host": …, "result": …}``. ``outcome`` tells what else it may answer. Where too many ping already
that is 503 and not 429: it's the service that is at its limit, and not this client at theirs.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from flask import Flask

from services.ping.host import parse_host
from services.ping.outcome import CannotBePinged, CannotPing, TookTooLong
from services.ping.pinger import Busy, Pinger
from services.ping.store import ResultStore
from services.runtime import service
from services.runtime.body import json_body

if TYPE_CHECKING:
    from services.runtime.settings import Settings

_log = logging.getLogger(__name__)

Answer = tuple[dict[str, str], int, dict[str, str]]


def create_app(settings: Settings, pinger: Pinger | None = None) -> Flask:
    """Return the service; the database need not be there yet."""
    app, pool = service.new_app(__name__, settings)
    store = ResultStore(pool)
    pinger = pinger or Pinger()

    @app.post("/ping")
    def ping() -> dict[str, str]:
        host = parse_host(json_body())
        # No connection is borrowed for these seconds.
        result = pinger.ping(host)
        store.add(host, result)
        return {"host": host, "result": result}

    _register_errors(app)
    return app


def from_environment() -> Flask:
    """Return the service that the environment's settings describe; gunicorn calls this."""
    return service.from_environment(create_app)


def _register_errors(app: Flask) -> None:
    @app.errorhandler(Busy)
    def busy(_error: Busy) -> Answer:
        # A ping takes about as long.
        return {"error": "too many pings at once"}, 503, {"Retry-After": "3"}

    @app.errorhandler(CannotPing)
    def cannot_ping(error: CannotPing) -> Answer:
        _log.warning("%s", error)
        return {"error": str(error)}, 503, {"Retry-After": "60"}

    @app.errorhandler(CannotBePinged)
    def cannot_be_pinged(error: CannotBePinged) -> Answer:
        return {"error": f"host: {error}"}, 422, {}

    @app.errorhandler(TookTooLong)
    def took_too_long(_error: TookTooLong) -> Answer:
        return {"error": "the name of the host can't be found out in time"}, 504, {}
