"""The user service over HTTP.

``POST /users`` takes ``[{"name": …, "email": …}, …]`` and answers 201 with ``user_ids`` in the
same order. ``GET /users[?after=<id>][&limit=<number>]`` lists ``{"id", "name", "email"}`` by id.
"""

from __future__ import annotations

import json
from itertools import chain
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, request

from services.runtime import service
from services.runtime.body import json_body
from services.user.store import UserStore
from services.user.validation import parse_page, parse_users

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from services.runtime.pool import Row
    from services.runtime.settings import Settings


def create_app(settings: Settings) -> Flask:
    """Return the service; the database need not be there yet."""
    app, pool = service.new_app(__name__, settings)
    store = UserStore(pool)

    @app.post("/users")
    def create_users() -> tuple[dict[str, Any], int]:
        ids = store.add(parse_users(json_body()))
        return {"message": "Users created successfully", "user_ids": ids}, 201

    @app.get("/users")
    def list_users() -> Response:
        batches = store.batches(parse_page(request.args))
        # The first batch before the status line: a database that's away is still a 503.
        first = next(batches)
        return Response(_json_list(chain([first], batches)), mimetype="application/json")

    return app


def from_environment() -> Flask:
    """Return the service that the environment's settings describe; gunicorn calls this."""
    return service.from_environment(create_app)


def _json_list(batches: Iterable[list[Row]]) -> Iterator[str]:
    """Yield one JSON list, a piece a batch, in the compact form of the other answers."""
    opening = "["
    for batch in batches:
        if batch:
            yield opening + json.dumps(batch, separators=(",", ":"))[1:-1]
            opening = ","
    yield "[]\n" if opening == "[" else "]\n"
