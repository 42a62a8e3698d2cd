"""What can go wrong between a plan and its database.

CitusError
├── NotReachable            the server doesn't answer, or doesn't let us in
├── StatementFailed         the database refused one statement
└── ChangedSincePreview     the database isn't what the preview was computed from
"""

from __future__ import annotations

from collections.abc import Mapping

from citus.errors import CitusError


class NotReachable(CitusError):
    """The server doesn't answer or doesn't let us in; nothing is known of its content."""

    __module__ = "builtins"


class StatementFailed(CitusError):
    """One statement failed; reads as psql says it. Values and secrets are never part of it."""

    __module__ = "builtins"


class ChangedSincePreview(CitusError):
    """What would have to run is not what the preview showed; nothing was run."""

    __module__ = "builtins"


def as_psql_says(
    resource: str, message: str, more: Mapping[str, str | None], sqlstate: str | None
) -> str:
    """Write what the database said of a statement: message, DETAIL, HINT, SQLSTATE."""
    lines = [f"{resource}: {message}"]
    lines += [f"{name}: {text}" for name, text in more.items() if text]
    if sqlstate:
        lines.append(f"SQLSTATE: {sqlstate}")
    if sqlstate is None or sqlstate.startswith(("08", "57")):
        lines.append("A server does not answer or has stopped: run it again, it goes on from here")
    return "\n".join(lines)
