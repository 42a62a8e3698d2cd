"""What a killed run has begun on a Docker engine.

Pulumi's provider adopts neither a container nor a network that has the name already. What was
begun is removed, and made anew: a container's data are in a volume, which is taken up by its name.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tools.cli import pending
from tools.cli.failure import ToolError

if TYPE_CHECKING:
    from collections.abc import Mapping

_CONTAINER = "docker:index/container:Container"
_NETWORK = "docker:index/network:Network"
_START_SECONDS = 300


@dataclass(frozen=True)
class Begun:
    """A container or network by its name on the engine."""

    type: str
    name: str


def begun(deployment: Mapping[str, Any]) -> list[Begun]:
    """Find what was being created, the containers first: they are on the network."""
    found = []
    for resource in pending.resources(deployment, "creating"):
        name = (resource.get("inputs") or {}).get("name")
        if resource.get("type") in (_CONTAINER, _NETWORK) and name:
            found.append(Begun(resource["type"], str(name)))
    return sorted(found, key=lambda one: one.type)


def remove(left: list[Begun]) -> None:
    """Remove it from the engine; what is not there is fine.

    Raises:
        ToolError: The engine doesn't answer or refuses.
    """
    if not left:
        return
    # Only here, since they load Pulumi's SDK.
    from citus.errors import Refused  # noqa: PLC0415
    from citus.platforms.docker import engine  # noqa: PLC0415

    try:
        for one in left:
            if one.type == _NETWORK:
                engine.remove_network(one.name)
                continue
            # A node that is killed while it makes its data could never be started again.
            deadline = time.monotonic() + _START_SECONDS
            while engine.is_starting(one.name) and time.monotonic() < deadline:
                time.sleep(1)
            engine.remove_container(one.name)
    except (OSError, Refused) as error:
        raise ToolError(f"{one.name}, which a killed run has begun, stays: {error}") from None
