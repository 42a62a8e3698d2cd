"""What a graph says of the Deployments of a stack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.graph.kubernetes.objects import objects, pods, registered

if TYPE_CHECKING:
    from tests.graph.program import Graph

SERVICES = ["user", "time", "ping"]
DEPLOYMENTS = [*SERVICES, "pooler", "admin"]
SECRETS = "/run/secrets/citus"


def deployment(graph: Graph, name: str) -> dict[str, Any]:
    """Give what is asked of a Deployment."""
    return dict(objects(graph)[f"Deployment {name}"]["spec"])


def pod(graph: Graph, name: str) -> dict[str, Any]:
    """Give what is asked of a Deployment's pods."""
    return dict(pods(graph)[name]["spec"])


def container(graph: Graph, name: str) -> dict[str, Any]:
    """Give the one container of a Deployment's pods."""
    [only] = pod(graph, name)["containers"]
    return dict(only)


def environment(graph: Graph, name: str) -> dict[str, str]:
    """Give the environment of a container."""
    return {variable["name"]: variable["value"] for variable in container(graph, name)["env"]}


def mounted(graph: Graph, name: str) -> dict[str, dict[str, Any]]:
    """Give what is mounted in a container by its path."""
    volumes = {
        v["name"]: {k: o for k, o in v.items() if k != "name"} for v in volumes_of(graph, name)
    }
    return {m["mountPath"]: volumes[m["name"]] for m in container(graph, name)["volumeMounts"]}


def volumes_of(graph: Graph, name: str) -> list[dict[str, Any]]:
    """Give the volumes of a Deployment's pods."""
    return list(pod(graph, name)["volumes"])


def pod_annotations(graph: Graph, name: str) -> dict[str, str]:
    """Give the annotations of a Deployment's pods: another one is another pod."""
    return dict(pods(graph)[name]["metadata"].get("annotations", {}))


def kinds(graph: Graph, name: str) -> set[str]:
    """Give the kinds of the objects that have a name."""
    return {r.type.split(":")[-1] for r in registered(graph) if r.name == name}
