"""The objects of the program on a real API server: it takes them, and they do what they are for.

The program runs under Pulumi's mocks; what it declares is applied as it is, field by field.
"""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any

import pytest

from citus.platforms.kubernetes import api
from tests.graph import program
from tests.graph.kubernetes.objects import objects
from tests.kubernetes.api import Refused
from tests.kubernetes.readiness import has

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.kubernetes.api import Object
    from tests.kubernetes.cluster import Cluster

pytestmark = pytest.mark.kubernetes

NODES = ["coordinator", "worker-0", "worker-1", "worker-2"]
REACHED = {  # by which Service which pods
    **{node: [f"{node}-0"] for node in NODES},
    **{name: [f"{name}-"] * 2 for name in ("user", "time", "ping", "pooler")},
    "admin": ["admin-"],
}


@pytest.fixture(scope="module")
def declared() -> dict[str, Object]:
    """Give what a stack with everything on declares, in its order."""
    config = {
        "platform": "kubernetes",
        "imageRegistry": "registry.example.com/citus",
        "pooler": "true",
        "adminConsole": "true",
        "reach": "loadBalancer",
        "reachHost": "citus.example.com",
        "reachFrom": '["203.0.113.0/24"]',
    }
    with contextlib.chdir(program.ROOT), pytest.MonkeyPatch.context() as patch:
        patch.setattr(api, "identity", lambda _settings: "the-cluster")
        return objects(program.run(config, secrets={}, preview=False))


@pytest.fixture(scope="module")
def applied(cluster: Cluster, declared: dict[str, Object]) -> Iterator[dict[str, Object]]:
    """Apply it all; a field that its kind doesn't have, or a warning, is an error."""
    cluster.apply(declared.values())
    workloads = [o for o in declared.values() if o["kind"] in ("StatefulSet", "Deployment")]
    cluster.ready(*workloads)
    yield declared
    cluster.api.delete(declared["Namespace citus-dev"])
    cluster.api.delete(declared["StorageClass citus-dev"])


def test_every_claim_gets_a_volume_that_outlives_it(
    cluster: Cluster, applied: dict[str, Object]
) -> None:
    for node in NODES:
        claim = cluster.api.read(applied[f"PersistentVolumeClaim {node}-data"])
        assert claim is not None
        assert claim["status"]["phase"] == "Bound"
        volume = {"apiVersion": "v1", "kind": "PersistentVolume"}
        found = cluster.api.read({**volume, "metadata": {"name": claim["spec"]["volumeName"]}})
        assert found is not None
        assert found["spec"]["persistentVolumeReclaimPolicy"] == "Retain"


@pytest.mark.parametrize(("name", "pods"), REACHED.items(), ids=REACHED)
def test_a_service_leads_to_its_own_ready_pods(
    cluster: Cluster, applied: dict[str, Object], name: str, pods: list[str]
) -> None:
    """The provider calls a Service ready though no pod fits its selector."""
    found = endpoints(cluster, applied[f"Service {name}"], len(pods))
    for pod, begins in zip(found, pods, strict=True):
        assert pod.startswith(begins)


def test_the_way_in_leads_to_the_coordinator_alone(
    cluster: Cluster, applied: dict[str, Object]
) -> None:
    reach = applied["Service coordinator-reach"]
    assert endpoints(cluster, reach, 1) == ["coordinator-0"]
    cluster.ready(reach)  # has an address


def test_no_two_nodes_share_a_host_where_there_are_enough(
    cluster: Cluster, applied: dict[str, Object]
) -> None:
    [hosts] = [[p["spec"]["nodeName"] for n in NODES for p in pods_of(cluster, applied, n)]]
    assert len(set(hosts)) == len(NODES)


def test_hosts_are_emptied_of_one_node_at_a_time(
    cluster: Cluster, applied: dict[str, Object]
) -> None:
    budget = applied["PodDisruptionBudget nodes"]
    cluster.wait(budget, has("status.currentHealthy", len(NODES)))
    cluster.wait(budget, has("status.disruptionsAllowed", 1))
    cluster.pods.fail("citus-dev/worker-1-0")
    cluster.wait(budget, has("status.disruptionsAllowed", 0))
    [healthy] = pods_of(cluster, applied, "worker-0")
    with pytest.raises(Refused, match="disruption budget"):
        cluster.api.evict(healthy)
    cluster.pods.heal()
    cluster.wait(budget, has("status.disruptionsAllowed", 1))


def test_a_larger_size_grows_the_claim_in_place_and_a_smaller_one_is_refused(
    cluster: Cluster, applied: dict[str, Object]
) -> None:
    claim = applied["PersistentVolumeClaim worker-0-data"]
    [before] = pods_of(cluster, applied, "worker-0")
    cluster.apply([sized(claim, "20Gi")])
    cluster.wait(claim, has("status.capacity.storage", "20Gi"))
    [after] = pods_of(cluster, applied, "worker-0")
    assert after["metadata"]["uid"] == before["metadata"]["uid"]
    with pytest.raises(Refused, match="can not be less than"):
        cluster.apply([sized(claim, "5Gi")])


def test_another_image_makes_another_pod_on_the_same_claim(
    cluster: Cluster, applied: dict[str, Object]
) -> None:
    node = applied["StatefulSet worker-1"]
    [before] = pods_of(cluster, applied, "worker-1")
    [container] = node["spec"]["template"]["spec"]["containers"]
    other = with_container(node, {**container, "image": "citusdata/citus:13.1.0"})
    cluster.apply([other])
    cluster.ready(other)
    [after] = pods_of(cluster, applied, "worker-1")
    assert after["metadata"]["uid"] != before["metadata"]["uid"]
    assert after["spec"]["containers"][0]["image"] == "citusdata/citus:13.1.0"
    assert claims(after) == claims(before) == ["worker-1-data"]


def test_an_image_that_is_not_there_is_mended_by_one_that_is(
    cluster: Cluster, applied: dict[str, Object]
) -> None:
    """Kubernetes leaves a pod that never got ready in place, unless the set is told otherwise."""
    node = applied["StatefulSet worker-0"]
    [container] = node["spec"]["template"]["spec"]["containers"]
    cluster.pods.fail("citus-dev/worker-0-0", image="*:mistyped")
    cluster.apply([with_container(node, {**container, "image": "citusdata/citus:mistyped"})])
    cluster.wait(node, has("status.readyReplicas", None))
    cluster.apply([node])
    cluster.ready(node)
    [after] = pods_of(cluster, applied, "worker-0")
    assert after["spec"]["containers"][0]["image"] == container["image"]


def test_a_pod_that_is_killed_comes_back_under_its_name_with_its_claim(
    cluster: Cluster, applied: dict[str, Object]
) -> None:
    [before] = pods_of(cluster, applied, "coordinator")
    cluster.api.delete(before, grace=0)
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": named("coordinator-0")}
    after = cluster.wait(pod, another_than(before))
    cluster.ready(pod)
    assert claims(after) == ["coordinator-data"]


def test_a_worker_that_leaves_takes_no_other_with_it(
    cluster: Cluster, applied: dict[str, Object]
) -> None:
    """The last test of this module: Membership has drained it, its set goes, and then its claim."""
    node, claim = applied["StatefulSet worker-2"], applied["PersistentVolumeClaim worker-2-data"]
    found = cluster.api.read(claim)
    assert found is not None
    cluster.api.delete(node)
    cluster.gone(node)
    cluster.gone({"apiVersion": "v1", "kind": "Pod", "metadata": named("worker-2-0")})
    cluster.api.delete(claim)
    cluster.gone(claim)
    kept = {"apiVersion": "v1", "kind": "PersistentVolume"}
    kept["metadata"] = {"name": found["spec"]["volumeName"]}  # type: ignore[assignment]
    cluster.wait(kept, has("status.phase", "Released"))
    cluster.ready(*(applied[f"StatefulSet {name}"] for name in NODES[:-1]))


def pods_of(cluster: Cluster, applied: dict[str, Object], node: str) -> list[Object]:
    return cluster.pods_of(applied[f"StatefulSet {node}"])


def endpoints(cluster: Cluster, service: Object, count: int) -> list[str]:
    """Name the pods behind a Service; those of a ready workload are there a moment later."""
    end = time.monotonic() + 30
    while len(found := cluster.endpoints(service)) != count and time.monotonic() < end:
        time.sleep(0.1)
    assert len(found) == count
    return found


def claims(pod: Object) -> list[str]:
    sources = (v.get("persistentVolumeClaim") for v in pod["spec"]["volumes"])
    return [source["claimName"] for source in sources if source]


def another_than(before: Object) -> Callable[[Object], str]:
    """Find missing what has the name of an object that was there before."""

    def unmet(found: Object) -> str:
        same = found["metadata"]["uid"] == before["metadata"]["uid"]
        return "it is the one that was there before" if same else ""

    return unmet


def sized(claim: Object, size: str) -> Object:
    requests = {"requests": {"storage": size}}
    return {**claim, "spec": {**claim["spec"], "resources": requests}}


def with_container(node: Object, container: dict[str, Any]) -> Object:
    template = node["spec"]["template"]
    pod = {**template["spec"], "containers": [container]}
    return {**node, "spec": {**node["spec"], "template": {**template, "spec": pod}}}


def named(name: str) -> dict[str, str]:
    return {"name": name, "namespace": "citus-dev"}
