"""Creates that a killed run began: whether they happened, only the next create can tell.

The engine refuses to guess. Every resource here adopts what it finds, so the record of a begun
create can go; records of other operations stay, the engine's refresh settles them.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def creating(deployment: Mapping[str, Any]) -> list[str]:
    """Name the resources whose create was begun and not recorded as done."""
    return [
        str(operation["resource"]["urn"]).rsplit("::", 1)[-1]
        for operation in deployment.get("pending_operations") or []
        if operation.get("type") == "creating"
    ]


def without_creating(deployment: Mapping[str, Any]) -> dict[str, Any]:
    """Give the same deployment without the creates that were begun."""
    kept = [
        operation
        for operation in deployment.get("pending_operations") or []
        if operation.get("type") != "creating"
    ]
    return {**deployment, "pending_operations": kept}


def clear(pulumi: Callable[..., str], stack: str) -> None:
    """Take the begun creates out of the state, by the CLI: it checks and writes it in one piece."""
    whole = json.loads(pulumi("stack", "export", "--stack", stack))
    whole["deployment"] = without_creating(whole["deployment"])
    pulumi("stack", "import", "--stack", stack, given=json.dumps(whole))
