"""Whether the process is up, and whether it can do its work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint

if TYPE_CHECKING:
    from collections.abc import Callable


def health(ready: Callable[[], None]) -> Blueprint:
    """Return ``/healthz``, always 200, and ``/readyz``, 200 if *ready* returns.

    *ready* says that the service isn't by raising an error; ``errors`` makes a 503 of one that
    says that the database is away.
    """
    blueprint = Blueprint("health", __name__)

    @blueprint.get("/healthz")
    def healthz() -> dict[str, str]:
        # No database here: to restart the service would not bring that back.
        return {"status": "up"}

    @blueprint.get("/readyz")
    def readyz() -> dict[str, str]:
        ready()
        return {"status": "ready"}

    return blueprint
