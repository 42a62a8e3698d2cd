"""Names of stacks."""

from __future__ import annotations

DEFAULT = "dev"
"""The stack that is meant where none is said and none selected."""


def of_copy(original: str) -> str:
    """Name a stack's copy for the platform local."""
    return f"try-{original}-local"


def is_of_this_machine(stack: str) -> bool:
    """Tell whether a stack is a copy for the platform local, which nobody else has a part in."""
    return short(stack).startswith("try-") and stack.endswith("-local")


def short(name: str) -> str:
    """Give the last part of `organization/project/stack`."""
    return name.rsplit("/", 1)[-1]
