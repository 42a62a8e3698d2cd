"""How many sessions the coordinator has, which other numbers come from."""

from __future__ import annotations

from collections.abc import Mapping

_DEFAULT = 100


def of_coordinator(own: Mapping[str, str]) -> int:
    """Give ``max_connections`` of the coordinator, where the user's *own* settings may set it."""
    return int(own.get("max_connections", _DEFAULT))
