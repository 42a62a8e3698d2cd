"""The Secrets and ConfigMaps that a pod can't start without."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.kubernetes.api import Object


@dataclass(frozen=True)
class Reference:
    """A Secret or ConfigMap, and a key in it where one is named."""

    kind: str
    name: str
    key: str = ""

    def missing_in(self, found: Object | None) -> str:
        """Say what is missing, as a kubelet does; empty where nothing is."""
        if found is None:
            return f'{self.kind.lower()} "{self.name}" not found'
        held = {**found.get("data", {}), **found.get("binaryData", {})}
        if self.key and self.key not in held:
            return f"couldn't find key {self.key} in {self.kind} {self.name}"
        return ""


def references(pod: Object) -> set[Reference]:
    """Give what a kubelet would read before it starts the containers."""
    spec = pod["spec"]
    containers = [*spec.get("initContainers", ()), *spec["containers"]]
    of_containers = (found for container in containers for found in _of_container(container))
    of_volumes = (found for volume in spec.get("volumes", ()) for found in _of_volume(volume))
    return {*of_containers, *of_volumes}


def _of_container(container: Object) -> Iterator[Reference]:
    for variable in container.get("env", ()):
        source = variable.get("valueFrom", {})
        yield from _named("Secret", source.get("secretKeyRef"), "name")
        yield from _named("ConfigMap", source.get("configMapKeyRef"), "name")
    for source in container.get("envFrom", ()):
        yield from _named("Secret", source.get("secretRef"), "name")
        yield from _named("ConfigMap", source.get("configMapRef"), "name")


def _of_volume(volume: Object) -> Iterator[Reference]:
    yield from _named("Secret", volume.get("secret"), "secretName")
    yield from _named("ConfigMap", volume.get("configMap"), "name")
    for source in volume.get("projected", {}).get("sources", ()):
        yield from _named("Secret", source.get("secret"), "name")
        yield from _named("ConfigMap", source.get("configMap"), "name")


def _named(kind: str, source: Object | None, field: str) -> Iterator[Reference]:
    if source is None or source.get("optional"):
        return
    keys = [source["key"]] if "key" in source else [i["key"] for i in source.get("items", ())]
    for key in keys or [""]:
        yield Reference(kind, source[field], key)
