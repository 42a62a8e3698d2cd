"""A cluster for tests: a real control plane, and fakes for what its machines would do."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.kubernetes.agenda import Agenda
from tests.kubernetes.api import Api, Object
from tests.kubernetes.control_plane import ControlPlane
from tests.kubernetes.fake_load_balancers import FakeLoadBalancers
from tests.kubernetes.fake_nodes import NAMES, NODE, FakeNodes
from tests.kubernetes.fake_pods import FakePods
from tests.kubernetes.fake_volumes import FakeVolumes
from tests.kubernetes.readiness import Unmet, has, ready
from tests.kubernetes.report import NotInTime

ACCOUNT = {"apiVersion": "v1", "kind": "ServiceAccount"}

_POLL_SECONDS = 0.1
_PATIENCE = 60.0  # much, where other tests use the machine as well

_UnmetOrGone = Callable[[Object | None], str]


class Cluster:
    """What tests do with one."""

    def __init__(self, kubeconfig: Path, api: Api, pods: FakePods) -> None:
        self.kubeconfig, self.api, self.pods = kubeconfig, api, pods

    def apply(self, manifests: Iterable[Object]) -> list[Object]:
        """Apply all in their order, as they are: a field that a kind doesn't have is refused."""
        return [self.api.apply(manifest) for manifest in manifests]

    def ready(self, *known: Object, seconds: float = _PATIENCE) -> list[Object]:
        """Wait until each is ready, all together no longer than *seconds*; give what they are."""
        end = time.monotonic() + seconds
        return [self._until(one, _there(ready), end, seconds) for one in known]

    def wait(self, known: Object, unmet: Unmet, *, seconds: float = _PATIENCE) -> Object:
        """Wait until *unmet* finds nothing missing in an object; give what it is then."""
        return self._until(known, _there(unmet), time.monotonic() + seconds, seconds)

    def gone(self, known: Object, *, seconds: float = _PATIENCE) -> None:
        """Wait until an object is no more."""
        self._until(known, _not_there, time.monotonic() + seconds, seconds)

    def pods_of(self, owner: Object) -> list[Object]:
        """Give the pods that an object's selector finds, a Service's or a workload's."""
        selector = owner["spec"]["selector"]
        labels = selector.get("matchLabels", {}) if owner["kind"] != "Service" else selector
        text = ",".join(f"{name}={value}" for name, value in labels.items())
        return self.api.list("v1", "Pod", namespace=_namespace(owner), labels=text)

    def endpoints(self, service: Object) -> list[str]:
        """Name the ready pods that a Service leads to, as its EndpointSlices say."""
        found = self.api.list(
            "discovery.k8s.io/v1",
            "EndpointSlice",
            namespace=_namespace(service),
            labels=f"kubernetes.io/service-name={service['metadata']['name']}",
        )
        ends = [
            end for one in found for end in one["endpoints"] or () if end["conditions"]["ready"]
        ]
        return sorted(end["targetRef"]["name"] for end in ends)

    @contextmanager
    def namespace(self, name: str, labels: dict[str, str] | None = None) -> Iterator[str]:
        """Give a namespace that pods can be made in; its end is begun, not waited for."""
        metadata = {"name": name, "labels": labels or {}}
        known = {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}
        self.api.create(known)
        self.ready({**ACCOUNT, "metadata": {"name": "default", "namespace": name}})
        try:
            yield name
        finally:
            self.pods.heal()
            self.api.delete(known)

    def _until(self, known: Object, unmet: _UnmetOrGone, end: float, seconds: float) -> Object:
        while True:
            found = self.api.read(known)
            missing = unmet(found)
            if not missing:
                return found or {}
            if time.monotonic() > end:
                raise NotInTime.report(self.api, known, missing, seconds)
            time.sleep(_POLL_SECONDS)


@contextmanager
def running(folder: Path) -> Iterator[Cluster]:
    """Give a cluster whose nodes are ready; nothing of it outlives the block."""
    with ExitStack() as last:
        control_plane = ControlPlane(folder)
        last.callback(control_plane.stop)
        api = Api(control_plane.kubeconfig)
        last.callback(api.close)
        agenda = Agenda()
        last.callback(agenda.stop)  # after the watches, which put things on it
        pods = FakePods(api, agenda)
        last.callback(pods.stop)
        for fake in (FakeVolumes, FakeLoadBalancers):
            last.callback(fake(api, agenda).stop)
        FakeNodes(api, agenda)
        cluster = Cluster(control_plane.kubeconfig, api, pods)
        for name in NAMES:
            cluster.wait({**NODE, "metadata": {"name": name}}, has("spec.taints", None))
        yield cluster


def _namespace(known: Object) -> str:
    return str(known["metadata"].get("namespace", "default"))


def _there(unmet: Unmet) -> _UnmetOrGone:
    return lambda found: "it doesn't exist" if found is None else unmet(found)


def _not_there(found: Object | None) -> str:
    return "it is still there" if found else ""
