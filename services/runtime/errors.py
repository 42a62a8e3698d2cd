"""Every error that leaves a service is JSON: ``{"error": "one sentence"}``."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

from psycopg import OperationalError
from psycopg.errors import ReadOnlySqlTransaction
from werkzeug.exceptions import HTTPException, InternalServerError, MethodNotAllowed, NotFound

from services.runtime.json_input import Invalid

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.wrappers import Response

_log = logging.getLogger(__name__)

# OperationalError: no connection, no resources, out of time, a node that's down; what comes
# right by itself. A standby that isn't promoted yet refuses writes with the other.
DATABASE_AWAY = (OperationalError, ReadOnlySqlTransaction)


def register_errors(app: Flask) -> None:
    """Make *app* answer errors as JSON.

    A client's bad input is a 400 that names the field, a database that's away a 503. What nobody
    foresaw is a 500 that shows nothing of the inside and that Flask logs with its traceback.
    """
    app.register_error_handler(HTTPException, as_json)
    app.register_error_handler(Invalid, invalid)
    for kind in DATABASE_AWAY:
        app.register_error_handler(kind, database_away)


def as_json(error: HTTPException) -> Response:
    """Return *error*'s own response, its headers kept (``Allow``), with a JSON body."""
    response = error.get_response()
    if error.code is not None and error.code >= 400:  # noqa: PLR2004  below are redirects
        response.content_type = "application/json"
        response.set_data(json.dumps({"error": sentence(error)}) + "\n")
    return response


def sentence(error: HTTPException) -> str:
    """Return what a client may know of *error*."""
    if isinstance(error, InternalServerError):
        return "internal error"
    if isinstance(error, NotFound):
        return "no such address"
    if isinstance(error, MethodNotAllowed):
        return f"this address takes {', '.join(sorted(error.valid_methods or ()))} only"
    return error.description or error.name


def invalid(error: Invalid) -> tuple[dict[str, str], int]:
    """Return a 400 with the sentence of *error*."""
    return {"error": str(error)}, 400


def database_away(error: Exception) -> tuple[dict[str, str], int, dict[str, str]]:
    """Return a 503, and log in one line what the database or the pool said."""
    _log.warning("the database is away: %s", " ".join(str(error).split()))
    return {"error": "the database doesn't answer"}, 503, {"Retry-After": "1"}
