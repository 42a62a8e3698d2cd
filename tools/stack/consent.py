"""Whether a stack may be changed without asking."""

from __future__ import annotations


def is_given(platform: str | None, *, said_yes: bool) -> bool:
    """Tell whether nobody need be asked: on the user's own machine, or after YES=1."""
    return platform == "local" or said_yes
