"""What the fakes make of claims."""

from __future__ import annotations

import pytest

from tests.kubernetes.api import Object, Refused
from tests.kubernetes.cluster import Cluster
from tests.kubernetes.objects import claim, stateful_set, storage_class
from tests.kubernetes.readiness import has

pytestmark = pytest.mark.kubernetes


def asks(namespace: str, size: str) -> Object:
    """Give the claim of the set's one pod, with another size."""
    return {
        **claim(namespace, "data-db-0"),
        "spec": {"resources": {"requests": {"storage": size}}},
    }


def volume_of(cluster: Cluster, namespace: str) -> Object:
    found = cluster.api.read(claim(namespace, "data-db-0"))
    assert found is not None
    metadata = {"name": found["spec"]["volumeName"]}
    return {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": metadata}


def ready_set(cluster: Cluster, namespace: str, class_: Object) -> Object:
    db = stateful_set(namespace, "db", class_["metadata"]["name"])
    cluster.apply([class_, db])
    cluster.ready(db)
    return db


def test_a_claim_grows(cluster: Cluster, namespace: str) -> None:
    ready_set(cluster, namespace, storage_class("growing", allowVolumeExpansion=True))
    cluster.api.apply(asks(namespace, "2Gi"), force=True)
    cluster.wait(claim(namespace, "data-db-0"), has("status.capacity.storage", "2Gi"))
    cluster.wait(volume_of(cluster, namespace), has("spec.capacity.storage", "2Gi"))


@pytest.mark.parametrize(
    ("size", "grows", "said"),
    [("2Gi", False, "dynamically provisioned"), ("1Mi", True, "less than status.capacity")],
    ids=["no growth", "never smaller"],
)
def test_a_size_that_cannot_be_is_refused(
    cluster: Cluster, namespace: str, size: str, *, grows: bool, said: str
) -> None:
    name = "growing" if grows else "fixed"
    ready_set(cluster, namespace, storage_class(name, allowVolumeExpansion=grows))
    with pytest.raises(Refused, match=said):
        cluster.api.apply(asks(namespace, size), force=True)


@pytest.mark.parametrize("policy", ["Retain", "Delete"])
def test_a_volume_is_kept_or_not_as_its_class_says(
    cluster: Cluster, namespace: str, policy: str
) -> None:
    class_ = storage_class(policy.lower(), reclaimPolicy=policy)
    db = ready_set(cluster, namespace, class_)
    volume = volume_of(cluster, namespace)
    cluster.api.delete(db)
    cluster.gone(db)
    cluster.api.delete(claim(namespace, "data-db-0"))
    if policy == "Retain":
        cluster.wait(volume, has("status.phase", "Released"))
    else:
        cluster.gone(volume)


def test_a_class_can_bind_before_there_is_a_pod(cluster: Cluster, namespace: str) -> None:
    class_ = storage_class("immediate", volumeBindingMode="Immediate")
    spec = {
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": "immediate",
        "resources": {"requests": {"storage": "1Gi"}},
    }
    alone = {**claim(namespace, "alone"), "spec": spec}
    cluster.apply([class_, alone])
    cluster.ready(alone)
