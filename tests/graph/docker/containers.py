"""What a graph says of the containers of a stack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.graph.program import Graph

WORKERS = ["worker-0", "worker-1", "worker-2"]
NODES = ["coordinator", *WORKERS]
SERVICES = ["user", "time", "ping"]
SECRETS = [f"{name}-secret" for name in SERVICES]


def inputs(graph: Graph, name: str) -> dict[str, Any]:
    """Give the inputs of a container."""
    return graph.resources[f"Container {name}"].inputs


def environment(graph: Graph, name: str) -> dict[str, str]:
    """Give the environment of a container."""
    return dict(line.split("=", 1) for line in inputs(graph, name)["envs"])


def uploads(graph: Graph, name: str) -> dict[str, dict[str, str]]:
    """Give the files that are put into a container, by their paths; they are one secret."""
    return {file["file"]: file for file in inputs(graph, name)["uploads"]["value"]}


def aliases(graph: Graph, name: str) -> list[str]:
    """Give the names by which a container is reached on its one network."""
    [joined] = inputs(graph, name)["networksAdvanced"]
    assert joined["name"] == graph.resources["Network network"].inputs["name"]
    return list(joined["aliases"])


def published(graph: Graph) -> dict[str, list[tuple[str, int, int]]]:
    """Give the address, the port on it and the port inside, of each container that has one."""
    return {
        name: [(p["ip"], int(p["external"]), int(p["internal"])) for p in ports]
        for name in graph.of_kind("Container")
        if (ports := inputs(graph, name).get("ports"))
    }


def image_names(graph: Graph) -> dict[str, str]:
    """Give the name with the tag of each image that is built, by its service."""
    return {
        name.removesuffix("-image"): graph.resources[f"Image {name}"].inputs["imageName"]
        for name in graph.of_kind("Image")
    }
