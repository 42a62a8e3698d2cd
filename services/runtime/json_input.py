"""JSON from a client. Pure: bytes or decoded JSON in, values or ``Invalid`` out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_SHOWN = 40


class Invalid(ValueError):
    """The client's input is bad; the message names the field."""


def decode(body: bytes) -> object:
    """Return what *body* says.

    Raises:
        Invalid: It is not JSON.
    """
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:  # no JSON, no Unicode; nested too deeply
        raise Invalid("body: not JSON") from error


def texts(value: object, fields: Sequence[str], *, path: str = "") -> list[str]:
    """Return the texts of an object that has just these *fields*; *path* leads to it.

    Raises:
        Invalid: For example ``users[3].email: missing``.
    """
    if not isinstance(value, dict):
        raise Invalid(f"{path or 'body'}: expected an object")
    inside = f"{path}." if path else ""
    for key in value:
        # Refused, not dropped: the client would believe that it was heeded.
        if key not in fields:
            raise Invalid(f"{inside}{key[:_SHOWN]}: unknown field")
    return [_text(value, field, f"{inside}{field}") for field in fields]


def _text(entry: dict[str, object], field: str, path: str) -> str:
    if field not in entry:
        raise Invalid(f"{path}: missing")
    value = entry[field]
    if not isinstance(value, str):
        raise Invalid(f"{path}: expected a string")
    return value
