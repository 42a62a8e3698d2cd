"""When an object is as its manifest wants it."""

from __future__ import annotations

import pytest

from tests.kubernetes.api import Object
from tests.kubernetes.readiness import has, ready

pytestmark = pytest.mark.pure


def known(kind: str, spec: Object, **status: object) -> Object:
    return {"kind": kind, "metadata": {"generation": 2}, "spec": spec, "status": status}


ALL = {"replicas": 2, "updatedReplicas": 2, "availableReplicas": 2, "observedGeneration": 2}
CURRENT = {"currentRevision": "a", "updateRevision": "a"}


@pytest.mark.parametrize(
    ("found", "missing"),
    [
        (known("Deployment", {"replicas": 2}, **ALL), ""),
        (known("Deployment", {"replicas": 2}), "its controller has not seen it"),
        (
            known("Deployment", {"replicas": 2}, **{**ALL, "observedGeneration": 1}),
            "its controller has not seen the last change",
        ),
        (
            known("Deployment", {"replicas": 2}, **{**ALL, "replicas": 3}),
            "replicas is 3, updatedReplicas is 2, availableReplicas is 2, of 2",
        ),
        (known("StatefulSet", {"replicas": 2}, **ALL, **CURRENT), ""),
        (
            known("StatefulSet", {"replicas": 2}, **ALL, currentRevision="a", updateRevision="b"),
            "the update is not through",
        ),
        (
            known(
                "DaemonSet",
                {},
                observedGeneration=2,
                desiredNumberScheduled=1,
                updatedNumberScheduled=1,
                numberAvailable=0,
            ),
            "numberReady is 0, updatedNumberScheduled is 1, numberAvailable is 0, of 1",
        ),
        (known("Pod", {}, phase="Succeeded"), ""),
        (known("Pod", {}, phase="Pending"), "phase Pending"),
        (known("Job", {}, conditions=[{"type": "Complete", "status": "True"}]), ""),
        (known("Job", {}), "not complete"),
        (
            known("PersistentVolumeClaim", {}, phase="Pending"),
            "status.phase is 'Pending', not 'Bound'",
        ),
        (known("Service", {"type": "LoadBalancer"}), "no address yet"),
        (known("Service", {"type": "ClusterIP"}), ""),
        (known("PodDisruptionBudget", {}, currentHealthy=0, desiredHealthy=1), "0 healthy, of 1"),
        (known("PodDisruptionBudget", {}, currentHealthy=1, desiredHealthy=1), ""),
        (known("ResourceQuota", {"hard": {"pods": "1"}}), "nothing counted yet"),
        (known("ResourceQuota", {"hard": {}}, hard={}, used={}), ""),
        (known("ConfigMap", {}), ""),
    ],
)
def test_what_is_missing(found: Object, missing: str) -> None:
    assert ready(found) == missing


def test_a_field_that_is_not_there_has_no_value() -> None:
    assert has("a.b.c", 1)({"a": {}}) == "a.b.c is None, not 1"
    assert not has("a.b", 1)({"a": {"b": 1}})
