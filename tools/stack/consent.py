"""Whether a stack may be changed without asking."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def platform_of(stack: Mapping[str, Any], project: Mapping[str, Any]) -> str | None:
    """Give what the stack runs on: what its file says, else the project's default."""
    said = (stack.get("config") or {}).get("citus:platform")
    if said is None:
        declared = (project.get("config") or {}).get("platform")
        said = declared.get("default") if isinstance(declared, dict) else declared
    return None if said is None else str(said)


def is_given(platform: str | None, *, said_yes: bool) -> bool:
    """Tell whether nobody need be asked: on the user's own machine, or after YES=1."""
    return platform == "local" or said_yes
