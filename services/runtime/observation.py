"""What happens around each request: it gets its id, and is counted when it was answered."""

from __future__ import annotations

from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING

from flask import g, request

from services.runtime import request_id

if TYPE_CHECKING:
    from flask import Flask, Response

    from services.runtime.metrics import Metrics


def observe(app: Flask, metrics: Metrics) -> None:
    """Make *app* do so; before its routes and other hooks are registered."""

    @app.before_request
    def begin() -> None:
        g.started = perf_counter()
        request_id.CURRENT.set(request_id.accepted(request.headers.get(request_id.HEADER)))

    @app.after_request
    def end(response: Response) -> Response:
        response.headers[request_id.HEADER] = request_id.CURRENT.get()
        # The template, never the path, of which there are as many as clients think of.
        route = request.url_rule.rule if request.url_rule else None
        # Called when the last byte is out, and gunicorn has logged the request.
        response.call_on_close(
            partial(_closed, metrics, request.method, route, response.status_code, g.started)
        )
        return response


def _closed(metrics: Metrics, method: str, route: str | None, status: int, started: float) -> None:
    metrics.answered(method, route, status, started)
    request_id.CURRENT.set("")
