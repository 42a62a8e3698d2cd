"""Creates that a killed run began: whether they happened, only the next create can tell.

The engine refuses to guess. Every resource here adopts what it finds, so the record of a begun
create can go; records of other operations stay, the engine's refresh settles them.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def resources(deployment: Mapping[str, Any], operation: str) -> list[dict[str, Any]]:
    """Give the resources of which an *operation* ("creating") was begun, not recorded as done."""
    return [
        begun["resource"]
        for begun in deployment.get("pending_operations") or []
        if begun.get("type") == operation
    ]


def creating(deployment: Mapping[str, Any]) -> list[str]:
    """Name the resources whose create was begun and not recorded as done."""
    return [str(one["urn"]).rsplit("::", 1)[-1] for one in resources(deployment, "creating")]


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
