"""The namespace of a stack in a Kubernetes cluster, seen past Pulumi."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from kubernetes.client import ApiClient, AppsV1Api, CoreV1Api, StorageV1Api
from kubernetes.client.exceptions import ApiException
from kubernetes.dynamic import DynamicClient
from kubernetes.dynamic.resource import ResourceList
from kubernetes.stream import stream
from kubernetes.watch import Watch

from tests.up.stack import SERVICES, Ran

_NODES = "app.kubernetes.io/component=database"
_ASK = """
import sys, urllib.request
method, url, body = sys.argv[1:]
json = {"Content-Type": "application/json"}
request = urllib.request.Request(url, body.encode() or None, json, method=method)
print(urllib.request.urlopen(request, timeout=30).read().decode())
"""


class Namespace:
    """What a stack has in a cluster, and what may befall it there."""

    def __init__(self, api: ApiClient, stack: str) -> None:
        self.name = f"citus-{stack}"
        # By the client's own types each field of what it gives may be missing.
        self.core: Any = CoreV1Api(api)
        self.apps: Any = AppsV1Api(api)
        self._storage: Any = StorageV1Api(api)
        self._api = api
        self._of_stack = f"app.kubernetes.io/instance={stack}"

    def nodes(self) -> Any:
        """Give the pods of the nodes."""
        return self.core.list_namespaced_pod(self.name, label_selector=_NODES)

    def pods(self) -> dict[str, str]:
        """Give each node's pod as what no other pod is, even under the same name."""
        return {pod.metadata.name: pod.metadata.uid for pod in self.nodes().items}

    def ready_since(self, before: Any) -> Iterator[set[str]]:
        """Tell which nodes were ready after each change that came after *before*."""
        ready = {pod.metadata.name for pod in before.items if _is_ready(pod)}
        changes = Watch().stream(  # type: ignore[no-untyped-call]
            self.core.list_namespaced_pod,
            self.name,
            label_selector=_NODES,
            resource_version=before.metadata.resource_version,
            timeout_seconds=2,
        )
        for change in changes:
            pod = change["object"]
            stays = change["type"] != "DELETED" and _is_ready(pod)
            (ready.add if stays else ready.discard)(pod.metadata.name)
            yield set(ready)

    def run(self, pod: str, *command: str, check: bool = True) -> Ran:
        """Run a command in a pod."""
        session = stream(
            self.core.connect_get_namespaced_pod_exec,
            pod,
            self.name,
            command=[*command],
            stdout=True,
            stderr=True,
            _preload_content=False,
        )
        try:
            session.run_forever(timeout=60)
            code = session.returncode  # first: what is read all over has forgotten it
            ran = Ran(session.read_all(), code)
        finally:
            session.sock.shutdown()  # which `close` leaves open where the server has closed it
        assert not check or ran.code == 0, ran.text
        return ran

    def sql(self, query: str, *, node: str = "coordinator") -> list[str]:
        """Ask a node, logged in within its pod; a row's columns are parted by ``|``."""
        psql = ("psql", "-U", "postgres", "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", query)
        return self.run(f"{node}-0", *psql).text.splitlines()

    def request(self, method: str, path: str, body: object = None, service: str = "user") -> Any:
        """Ask a service from a pod of another one."""
        other = next(name for name in SERVICES if name != service)
        labels = f"app.kubernetes.io/name={other}"
        [pod, *_] = self.core.list_namespaced_pod(self.name, label_selector=labels).items
        url = f"http://{service}.{self.name}.svc{path}"
        text = "" if body is None else json.dumps(body)
        asked = self.run(pod.metadata.name, "python", "-c", _ASK, method, url, text)
        return json.loads(asked.text)

    def uid(self, node: str) -> str:
        """Tell a node's StatefulSet from any other; empty where there is none."""
        labels = f"{_NODES},app.kubernetes.io/name={node}"
        found = self.apps.list_namespaced_stateful_set(self.name, label_selector=labels).items
        return str(found[0].metadata.uid) if found else ""

    def secrets(self) -> dict[str, str]:
        """Give all that must not be read elsewhere, as it stands in the Secrets: in base64."""
        return {
            f"{secret.metadata.name}/{file}": text
            for secret in self.core.list_namespaced_secret(self.name).items
            for file, text in secret.data.items()
            if not file.endswith(".crt")
        }

    def texts(self) -> Iterator[str]:
        """Give all that can be read here but the Secrets: every object, and every log."""
        kinds = DynamicClient(self._api).resources.search(namespaced=True)  # type: ignore[no-untyped-call]
        for kind in kinds:
            listed = not isinstance(kind, ResourceList) and "list" in kind.verbs
            if listed and kind.kind != "Secret":
                yield json.dumps(kind.get(namespace=self.name).to_dict())
        for pod in self.core.list_namespaced_pod(self.name).items:
            yield self.core.read_namespaced_pod_log(pod.metadata.name, self.name)

    def claims(self) -> dict[str, str]:
        """Give the size of each claim's volume."""
        found = self.core.list_namespaced_persistent_volume_claim(self.name).items
        return {claim.metadata.name: claim.status.capacity["storage"] for claim in found}

    def volumes(self) -> dict[str, str]:
        """Give the phase of each volume that a claim of here has, or had."""
        return {
            volume.metadata.name: volume.status.phase
            for volume in self.core.list_persistent_volume().items
            if volume.spec.claim_ref and volume.spec.claim_ref.namespace == self.name
        }

    def left(self) -> list[str]:
        """Name what the stack has in the cluster, where all else of it is in."""
        lists = (self.core.list_namespace, self._storage.list_storage_class)
        found = [o for of_kind in lists for o in of_kind(label_selector=self._of_stack).items]
        return [o.metadata.name for o in found]

    def clear(self) -> None:
        """Take away what the stack has left there, by failure or on purpose."""
        for delete in (self.core.delete_namespace, self._storage.delete_storage_class):
            with suppress(ApiException):  # gone already
                delete(self.name)
        until(lambda: not self.left(), "the namespace is gone")
        for volume in self.volumes():
            policy = {"spec": {"persistentVolumeReclaimPolicy": "Delete"}}
            self.core.patch_persistent_volume(volume, policy)
        until(lambda: not self.volumes(), "the volumes are gone")


def until(met: Callable[[], object], what: str, *, seconds: float = 120) -> None:
    """Wait until it is so."""
    end = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < end, f"not so within {seconds} s: {what}"
        time.sleep(0.2)


def _is_ready(pod: Any) -> bool:
    if pod.metadata.deletion_timestamp:
        return False
    conditions = pod.status.conditions or []
    return any(c.type == "Ready" and c.status == "True" for c in conditions)
