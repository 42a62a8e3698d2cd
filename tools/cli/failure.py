"""The one error that is shown to the user."""

from __future__ import annotations


class ToolError(Exception):
    """What is wrong and what to do, in one sentence; shown without a traceback."""
