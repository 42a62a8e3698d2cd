"""What a stack runs on, and whether that is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tools.cli.failure import ToolError

if TYPE_CHECKING:
    from collections.abc import Mapping


def platform_of(stack: Mapping[str, Any], project: Mapping[str, Any]) -> str | None:
    """Give what the stack runs on: what its file says, else the project's default."""
    said = (stack.get("config") or {}).get("citus:platform")
    if said is None:
        declared = (project.get("config") or {}).get("platform")
        said = declared.get("default") if isinstance(declared, dict) else declared
    return None if said is None else str(said)


def require(platform: str | None, stack: str) -> None:
    """Refuse to go on where the platform needs a Docker engine and none answers.

    The program asks, too; but a refresh comes before it, and Pulumi's provider fails once for
    each of its resources.
    """
    if platform != "docker":
        return
    # Only here, since it loads Pulumi's SDK.
    from citus.errors import ConfigError  # noqa: PLC0415
    from citus.platforms.docker import engine  # noqa: PLC0415

    try:
        engine.check(stack)
    except ConfigError as error:
        raise ToolError(str(error)) from None
