"""What a stack's objects are called on an engine. Pure: loads no provider."""

from __future__ import annotations


def prefix(stack: str) -> str:
    """Give the name of a stack's network, which begins all its other names."""
    return f"citus-{stack}"
