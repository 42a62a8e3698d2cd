"""What a killed run has begun on a Docker engine.

Pulumi's provider adopts neither a container nor a network that has the name already. What was
begun is removed, and made anew: a container's data are in a volume, which is taken up by its name.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tools.cli.failure import ToolError

if TYPE_CHECKING:
    from collections.abc import Mapping

_COMMANDS = {
    "docker:index/container:Container": ("rm", "--force", "--volumes"),
    "docker:index/network:Network": ("network", "rm"),
}


@dataclass(frozen=True)
class Begun:
    """A container or network by its name on the engine."""

    type: str
    name: str

    @property
    def removal(self) -> tuple[str, ...]:
        """The command that removes it."""
        return ("docker", *_COMMANDS[self.type], self.name)


def begun(deployment: Mapping[str, Any]) -> list[Begun]:
    """Find what was being created, the containers first: they are on the network."""
    found = []
    for operation in deployment.get("pending_operations") or []:
        resource = operation["resource"]
        name = (resource.get("inputs") or {}).get("name")
        if operation.get("type") == "creating" and resource.get("type") in _COMMANDS and name:
            found.append(Begun(resource["type"], str(name)))
    return sorted(found, key=lambda one: [*_COMMANDS].index(one.type))


def remove(left: list[Begun]) -> None:
    """Remove it from the engine; what is not there is fine.

    Raises:
        ToolError: It can't be removed; gives the command that would.
    """
    for one in left:
        why = _why_not_removed(one)
        if why:
            command = " ".join(one.removal)
            raise ToolError(
                f"a killed run has begun {one.name}, which is in the way: {command} ({why})"
            )


def _why_not_removed(one: Begun) -> str:
    if shutil.which("docker") is None:
        return "there is no docker command here"
    done = subprocess.run(one.removal, capture_output=True, text=True, check=False)
    said = done.stderr.strip()
    gone = not done.returncode or "No such" in said or "not found" in said
    return "" if gone else said
