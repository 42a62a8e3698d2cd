"""Property maps as a dynamic provider gets them."""

from __future__ import annotations

from typing import Any


def wire(props: dict[str, Any] | None) -> dict[str, Any]:
    """Make every number a float, and add what the engine keeps there."""
    numbers = {k: float(v) for k, v in (props or {}).items() if type(v) is int}
    return {**(props or {}), **numbers, "__provider": "…"}
