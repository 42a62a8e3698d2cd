"""Names of stacks."""

from __future__ import annotations

DEFAULT = "dev"
"""The stack that is meant where none is said and none selected."""


def short(name: str) -> str:
    """Give the last part of `organization/project/stack`."""
    return name.rsplit("/", 1)[-1]
