"""What the fakes make of pods, and the controllers of what the fakes say."""

from __future__ import annotations

import time

import pytest

from tests.kubernetes.api import Object
from tests.kubernetes.cluster import Cluster
from tests.kubernetes.objects import (
    deployment,
    job,
    pod,
    secret,
    service,
    stateful_set,
    storage_class,
)
from tests.kubernetes.pod_status import is_ready, trouble
from tests.kubernetes.readiness import Unmet, has

pytestmark = pytest.mark.kubernetes


def test_a_stateful_set_is_ready_with_its_claims(cluster: Cluster, namespace: str) -> None:
    sets = stateful_set(namespace, "db", "plain", replicas=2)
    cluster.apply([storage_class("plain"), service(namespace, "db", clusterIP="None"), sets])
    cluster.ready(sets)
    claims = cluster.api.list("v1", "PersistentVolumeClaim", namespace=namespace)
    assert [claim["status"]["phase"] for claim in claims] == ["Bound", "Bound"]


def test_a_deployments_pods_are_behind_its_service(cluster: Cluster, namespace: str) -> None:
    web, front = deployment(namespace, "web"), service(namespace, "web", type="LoadBalancer")
    _, found = cluster.apply([web, front])
    _, found = cluster.ready(web, front)
    names = sorted(one["metadata"]["name"] for one in cluster.pods_of(web))
    cluster.wait(front, lambda _: "" if cluster.endpoints(front) == names else "not its pods")
    assert found["status"]["loadBalancer"]["ingress"][0]["ip"].startswith("192.0.2.")


def test_a_deployment_sees_a_pod_fail_and_heal(cluster: Cluster, namespace: str) -> None:
    web = deployment(namespace, "web")
    cluster.apply([web])
    cluster.ready(web)
    failing, other = (one["metadata"]["name"] for one in cluster.pods_of(web))
    cluster.pods.fail(f"{namespace}/{failing}")
    cluster.wait(web, has("status.unavailableReplicas", 1))
    assert {one["metadata"]["name"]: is_ready(one) for one in cluster.pods_of(web)} == {
        failing: False,
        other: True,
    }
    cluster.pods.heal()
    cluster.ready(web)


def test_a_bad_image_stops_a_rolling_update(cluster: Cluster, namespace: str) -> None:
    web = deployment(namespace, "web")
    cluster.apply([web])
    cluster.ready(web)
    cluster.pods.fail(f"{namespace}/*", image="example/server:bad")
    bad = deployment(namespace, "web", image="example/server:bad")
    cluster.apply([bad])
    cluster.wait(bad, has("status.updatedReplicas", 1))
    assert len([one for one in cluster.pods_of(web) if is_ready(one)]) == 2


def test_a_pod_waits_for_the_secret_that_it_refers_to(cluster: Cluster, namespace: str) -> None:
    source = {"secretKeyRef": {"name": "login", "key": "password"}}
    waiting = pod(namespace, "web", env=[{"name": "PASSWORD", "valueFrom": source}])
    cluster.apply([waiting])
    cluster.wait(waiting, said('secret "login" not found'))
    cluster.apply([secret(namespace, "login", user="x")])
    cluster.wait(waiting, said("couldn't find key password in Secret login"))
    cluster.apply([secret(namespace, "login", password="x")])
    cluster.ready(waiting)


def said(words: str) -> Unmet:
    """Give the condition that a pod says why it waits."""

    def unmet(found: Object) -> str:
        return "" if trouble(found) == words else f"it says {trouble(found)!r}"

    return unmet


def test_a_job_is_done(cluster: Cluster, namespace: str) -> None:
    work = job(namespace, "backup")
    cluster.apply([work])
    cluster.ready(work)


def test_a_job_that_fails_is_failed(cluster: Cluster, namespace: str) -> None:
    cluster.pods.fail(f"{namespace}/*")
    work = job(namespace, "backup")
    cluster.apply([work])
    cluster.wait(work, has("status.failed", 1))


def test_a_pod_ends_no_later_than_its_grace(cluster: Cluster, namespace: str) -> None:
    slow = pod(namespace, "slow")
    slow["spec"]["terminationGracePeriodSeconds"] = 2
    cluster.apply([slow])
    cluster.ready(slow)
    cluster.pods.stop_slowly(f"{namespace}/slow", 60)
    begun = time.monotonic()
    cluster.api.delete(slow)
    cluster.wait(slow, lambda found: "it is still ready" if is_ready(found) else "")
    cluster.gone(slow)
    assert 2 <= time.monotonic() - begun < 20


def test_a_pod_that_is_remade_under_its_name_is_ready_again(
    cluster: Cluster, namespace: str
) -> None:
    sets = stateful_set(namespace, "db", "plain")
    cluster.apply([storage_class("plain"), sets])
    cluster.ready(sets)
    [before] = cluster.pods_of(sets)
    cluster.api.delete(before)
    uid = before["metadata"]["uid"]
    after = cluster.wait(before, lambda f: "the old one" if f["metadata"]["uid"] == uid else "")
    cluster.ready(after)
    claims = cluster.api.list("v1", "PersistentVolumeClaim", namespace=namespace)
    assert [claim["metadata"]["name"] for claim in claims] == ["data-db-0"]


def test_a_watch_that_the_server_ends_is_taken_up_again(cluster: Cluster, namespace: str) -> None:
    response = cluster.pods._watch._response
    assert response is not None
    response.shutdown()
    after = pod(namespace, "after")
    cluster.apply([after])
    cluster.ready(after)
    assert cluster.pods._watch._response is not response
