"""What the API server refuses: the reason to have a real one."""

from __future__ import annotations

import pytest

from tests.kubernetes.api import Refused
from tests.kubernetes.cluster import Cluster
from tests.kubernetes.objects import budget, deployment, metadata, pod, quota, service
from tests.kubernetes.report import NotInTime

pytestmark = pytest.mark.kubernetes

RBAC = "rbac.authorization.k8s.io"
RESTRICTED = {"pod-security.kubernetes.io/enforce": "restricted"}


def test_a_field_that_a_kind_does_not_have(cluster: Cluster, namespace: str) -> None:
    wrong = deployment(namespace, "web", volumeMount=[])
    with pytest.raises(Refused, match=r"volumeMount: field not declared in schema"):
        cluster.apply([wrong])


def test_a_value_that_a_field_cannot_have(cluster: Cluster, namespace: str) -> None:
    with pytest.raises(Refused, match=r"spec.type: Unsupported value"):
        cluster.apply([service(namespace, "web", type="NodePorts")])


def test_what_the_server_warns_of_is_heard(cluster: Cluster, namespace: str) -> None:
    old = {"apiVersion": "v1", "kind": "Endpoints", "metadata": metadata(namespace, "old")}
    with pytest.warns(UserWarning, match="v1 Endpoints is deprecated"):
        cluster.apply([old])


def test_an_eviction_that_a_budget_does_not_allow(cluster: Cluster, namespace: str) -> None:
    objects = [deployment(namespace, "web"), budget(namespace, "web", least=2)]
    cluster.apply(objects)
    cluster.ready(*objects)
    with pytest.raises(Refused, match="disruption budget"):
        cluster.api.evict(cluster.pods_of(objects[0])[0])


def test_an_eviction_that_a_budget_allows(cluster: Cluster, namespace: str) -> None:
    objects = [deployment(namespace, "web"), budget(namespace, "web", least=1)]
    cluster.apply(objects)
    cluster.ready(*objects)
    leaving = cluster.pods_of(objects[0])[0]
    cluster.api.evict(leaving)
    cluster.gone(leaving)


def test_more_than_a_quota_allows(cluster: Cluster, namespace: str) -> None:
    few = quota(namespace, pods="1")
    cluster.apply([few])
    cluster.ready(few)
    cluster.apply([pod(namespace, "one")])
    with pytest.raises(Refused, match="exceeded quota"):
        cluster.apply([pod(namespace, "two")])


def test_a_pod_of_root_where_pod_security_is_restricted(cluster: Cluster) -> None:
    with cluster.namespace("restricted", RESTRICTED) as namespace:
        root = pod(namespace, "root")
        root["spec"]["securityContext"]["runAsUser"] = 0
        with pytest.raises(Refused, match="runAsUser=0"):
            cluster.apply([root])
        cluster.apply([pod(namespace, "other")])


def test_a_wait_in_vain_says_what_was_missing_and_why(cluster: Cluster) -> None:
    with cluster.namespace("in-vain", RESTRICTED) as namespace:
        root = deployment(namespace, "web", securityContext={"privileged": True})
        with pytest.warns(UserWarning, match="would violate PodSecurity"):
            cluster.apply([root])
        cluster.wait(root, lambda f: "" if "ReplicaFailure" in str(f["status"]) else "not tried")
        with pytest.raises(NotInTime) as failure:
            cluster.ready(root, seconds=1)
    assert "Deployment in-vain/web is not as it should be after 1 s: " in str(failure.value)
    assert "violates PodSecurity" in str(failure.value)


def test_a_service_account_may_do_what_a_role_says(cluster: Cluster, namespace: str) -> None:
    rules = [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}]
    subject = {"kind": "ServiceAccount", "name": "default", "namespace": namespace}
    role = {
        "apiVersion": f"{RBAC}/v1",
        "kind": "Role",
        "metadata": metadata(namespace, "reader"),
        "rules": rules,
    }
    binding = {
        "apiVersion": f"{RBAC}/v1",
        "kind": "RoleBinding",
        "metadata": metadata(namespace, "reader"),
        "roleRef": {"apiGroup": RBAC, "kind": "Role", "name": "reader"},
        "subjects": [subject],
    }
    assert not may(cluster, namespace, "get")
    cluster.apply([role, binding])
    # The API server reads roles as they come, a moment later.
    cluster.wait(binding, lambda _: "" if may(cluster, namespace, "get") else "not allowed yet")
    assert not may(cluster, namespace, "list")


def may(cluster: Cluster, namespace: str, verb: str) -> bool:
    """Ask whether a namespace's own service account may do something with its Secrets."""
    attributes = {"namespace": namespace, "verb": verb, "resource": "secrets"}
    user = f"system:serviceaccount:{namespace}:default"
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "metadata": {},
        "spec": {"user": user, "resourceAttributes": attributes},
    }
    return bool(cluster.api.create(review)["status"]["allowed"])
