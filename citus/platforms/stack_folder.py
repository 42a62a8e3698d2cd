"""What a stack keeps on the machine that runs Pulumi, in a folder that git ignores. Pure."""

from __future__ import annotations

from pathlib import Path


def folder_of(stack: str) -> Path:
    """Give the folder, seen from the project's."""
    return Path(".local", stack)


def kept_password(stack: str, role: str) -> Path:
    """Give the file of a role's password, which belongs to the data."""
    return folder_of(stack) / "passwords" / role
