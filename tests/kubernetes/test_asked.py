"""What the program asks a cluster before it changes anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from citus.platforms.kubernetes import api

if TYPE_CHECKING:
    from tests.kubernetes.cluster import Cluster

pytestmark = pytest.mark.kubernetes

CLASS = {
    "apiVersion": "storage.k8s.io/v1",
    "kind": "StorageClass",
    "metadata": {"name": "asked"},
    "provisioner": "driver.longhorn.io",
    "reclaimPolicy": "Retain",
    "volumeBindingMode": "Immediate",
}


@pytest.fixture(autouse=True)
def kubeconfig(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(cluster.kubeconfig))


def test_a_cluster_is_told_by_what_no_other_has() -> None:
    assert len(api.ask("prod", "")) == 36
    assert api.ask("prod", "") == api.ask("prod", "")


def test_a_namespace_that_is_there_is_seen(namespace: str) -> None:
    assert api.has_namespace("prod", "", namespace)
    assert not api.has_namespace("prod", "", f"{namespace}-no-more")


def test_a_claim_is_seen_and_one_that_its_volume_is_kept_for(
    cluster: Cluster, namespace: str
) -> None:
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "worker-0-data", "namespace": namespace},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": "asked",
            "resources": {"requests": {"storage": "1Gi"}},
        },
    }
    assert api.claims("prod", "", namespace) == []
    cluster.apply([CLASS, claim])
    [bound] = cluster.ready(claim)
    assert api.claims("prod", "", namespace) == ["worker-0-data"]
    cluster.api.delete(claim)
    cluster.gone(claim)
    assert api.claims("prod", "", namespace) == []
    volume = {"apiVersion": "v1", "kind": "PersistentVolume"}
    volume |= {"metadata": {"name": bound["spec"]["volumeName"]}}  # type: ignore[dict-item]
    cluster.api.patch(volume, {"spec": {"claimRef": {"uid": None, "resourceVersion": None}}})
    cluster.wait(volume, lambda known: "" if known["status"]["phase"] == "Available" else "bound")
    assert api.claims("prod", "", namespace) == ["worker-0-data"]
