"""The objects that a graph asks a Kubernetes cluster for, as an API server gets them."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from tests.graph.program import is_secret

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.graph.program import Graph, Registered

_PROVIDER = "kubernetes:"


def objects(graph: Graph) -> dict[str, dict[str, Any]]:
    """Give all objects by ``Kind name``, in the order in which the program declares them.

    Secrets are unwrapped: they are what an API server gets.
    """
    return {
        f"{given['kind']} {given['metadata']['name']}": given
        for given in (plain(r.inputs) for r in registered(graph))
    }


def secret_files(graph: Graph, name: str) -> dict[str, str]:
    """Give the files of a Secret, as its pods read them."""
    data = objects(graph)[f"Secret {name}"]["data"]
    return {file: base64.b64decode(text).decode() for file, text in data.items()}


def registered(graph: Graph) -> Iterator[Registered]:
    """Give what the program registers as objects of a cluster."""
    return (r for r in graph.resources.values() if r.type.startswith(_PROVIDER))


def plain(value: Any) -> Any:
    """Give a value as it is sent: a secret as what it hides, without what is not set."""
    if is_secret(value):
        return plain(value["value"])
    if isinstance(value, dict):
        return {key: plain(entry) for key, entry in value.items() if entry is not None}
    if isinstance(value, list):
        return [plain(entry) for entry in value]
    # Every number on the wire is a float.
    return int(value) if isinstance(value, float) and value.is_integer() else value


def pods(graph: Graph) -> dict[str, dict[str, Any]]:
    """Give the pod templates of all workloads, by the workload's name."""
    kinds = ("StatefulSet", "Deployment")
    found = objects(graph).items()
    return {
        key.split()[1]: given["spec"]["template"] for key, given in found if key.split()[0] in kinds
    }


def selects(selector: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Tell whether a selector fits labels."""
    return bool(selector) and selector.items() <= labels.items()
