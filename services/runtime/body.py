"""The body of a request that should hold JSON."""

from __future__ import annotations

from flask import abort, request
from werkzeug.exceptions import RequestEntityTooLarge


def json_body() -> bytes:
    """Return the body as it came, unparsed.

    Raises:
        HTTPException: 415 for another content type, 413 for too large a body.
    """
    # Asked for by name: a web page can't send this type without the browser asking us first.
    if not request.is_json:
        abort(415, "send Content-Type: application/json")
    body = request.get_data(cache=False)
    # A chunked body that reaches the limit is cut off there without an error.
    limit = request.max_content_length
    if limit is not None and len(body) >= limit:
        raise RequestEntityTooLarge
    return body
