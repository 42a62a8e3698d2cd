"""The nodes, as the scheduler and the controllers see them."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.kubernetes.cluster import Cluster
from tests.kubernetes.objects import deployment

pytestmark = pytest.mark.kubernetes


def test_six_nodes_are_ready_in_three_zones(cluster: Cluster) -> None:
    nodes = cluster.api.list("v1", "Node")
    ready = [
        node["metadata"]["labels"]["topology.kubernetes.io/zone"]
        for node in nodes
        for condition in node["status"]["conditions"]
        if (condition["type"], condition["status"]) == ("Ready", "True")
    ]
    assert Counter(ready) == {"zone-a": 2, "zone-b": 2, "zone-c": 2}
    assert not any("taints" in node["spec"] for node in nodes)


def test_the_nodes_renew_their_leases(cluster: Cluster) -> None:
    leases = cluster.api.list("coordination.k8s.io/v1", "Lease", namespace="kube-node-lease")
    assert len(leases) == 6
    assert all("renewTime" in lease["spec"] for lease in leases)


def test_pods_are_kept_apart_by_host(cluster: Cluster, namespace: str) -> None:
    apart = {
        "labelSelector": {"matchLabels": {"app": "web"}},
        "topologyKey": "kubernetes.io/hostname",
    }
    web = deployment(namespace, "web", replicas=6)
    web["spec"]["template"]["spec"]["affinity"] = {
        "podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [apart]}
    }
    cluster.apply([web])
    cluster.ready(web)
    assert len({pod["spec"]["nodeName"] for pod in cluster.pods_of(web)}) == 6
