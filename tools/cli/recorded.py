"""What a stack's state says of its platform and its data. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tools.cli import pending

if TYPE_CHECKING:
    from collections.abc import Mapping

_CLAIM = "kubernetes:core/v1:PersistentVolumeClaim"
_VOLUME = "docker:index/volume:Volume"
_SERVERS = ("docker:index/container:Container", "kubernetes:apps/v1:StatefulSet")


def platform(deployment: Mapping[str, Any]) -> str | None:
    """Give the platform that the stack is up on; ``None`` where it is not up."""
    for resource in _resources(deployment):
        if str(resource.get("type")).endswith(":PlatformRecord"):
            return str((resource.get("outputs") or {}).get("platform"))
    return None


def cluster(deployment: Mapping[str, Any]) -> str:
    """Give the identity of the Kubernetes cluster that the stack is up in; empty if unknown."""
    for resource in _resources(deployment):
        if str(resource.get("type")).endswith(":ClusterRecord"):
            return str((resource.get("outputs") or {}).get("identity") or "")
    return ""


def route(deployment: Mapping[str, Any]) -> str | None:
    """Give the way by which the providers reach the coordinator; ``None`` where it is direct."""
    return (endpoint(deployment) or {}).get("route")


def endpoint(deployment: Mapping[str, Any]) -> dict[str, Any] | None:
    """Give how the providers reach the coordinator; ``None`` where there is none yet.

    The password is text if the deployment was exported with its secrets.
    """
    for resource in _resources(deployment):
        if str(resource.get("type")).endswith((":Extension", ":Membership")):
            found = (resource.get("inputs") or {}).get("endpoint") or {}
            return {name: _opened(value) for name, value in found.items()}
    return None


def claims(deployment: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Name the claims in a Kubernetes cluster, each with its namespace."""
    found = []
    for resource in _resources(deployment):
        if resource.get("type") == _CLAIM and resource.get("id"):
            namespace, _, name = str(resource["id"]).rpartition("/")
            found.append((namespace, name))
    return found


def data_volumes(deployment: Mapping[str, Any]) -> list[str]:
    """Name the volumes of a Docker engine that hold the data of nodes."""
    return [
        str(resource["id"])
        for resource in _resources(deployment)
        if resource.get("type") == _VOLUME
        and str(resource.get("urn")).endswith("-data")
        and resource.get("id")
    ]


def has_left(deployment: Mapping[str, Any], worker: str) -> bool:
    """Tell whether the recorded members are without a worker: it was drained, or never joined.

    While its server is recorded it may have joined in a run that was cut off.
    """
    recorded = _resources(deployment)
    if any(r.get("type") in _SERVERS and r["urn"].endswith(f"::{worker}") for r in recorded):
        return False
    members = [
        (resource.get("inputs") or {}).get("workers")
        for resource in recorded
        if str(resource.get("type")).endswith(":Membership")
    ]
    return any(isinstance(workers, dict) and worker not in workers for workers in members)


def is_being_deleted(deployment: Mapping[str, Any], name: str) -> bool:
    """Tell whether a run was cut off while it deleted what has this identity."""
    return any(one.get("id") == name for one in pending.resources(deployment, "deleting"))


def anything(deployment: Mapping[str, Any]) -> bool:
    """Tell whether anything was made, or begun."""
    return bool(_resources(deployment) or deployment.get("pending_operations"))


def _opened(value: Any) -> Any:
    """Take what ``pulumi stack export --show-secrets`` writes in the place of a secret."""
    sealed = isinstance(value, dict) and "plaintext" in value
    return json.loads(value["plaintext"]) if sealed else value


def _resources(deployment: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(deployment.get("resources") or [])
