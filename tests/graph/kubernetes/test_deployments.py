"""What holds for every Deployment: it is found by its labels, and may do nothing but serve."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.graph.kubernetes.deployments import (
    DEPLOYMENTS,
    SECRETS,
    container,
    deployment,
    environment,
    mounted,
    pod,
    pod_annotations,
)
from tests.graph.kubernetes.objects import objects, pods, registered, selects
from tests.graph.program import UNKNOWN, without_secrets

if TYPE_CHECKING:
    from tests.graph.program import Graph

pytestmark = pytest.mark.graph

each = pytest.mark.parametrize("name", DEPLOYMENTS)


def found_by(graph: Graph, selector: dict[str, str]) -> list[str]:
    """Give the workloads whose pods a selector fits."""
    labels = {name: given["metadata"]["labels"] for name, given in pods(graph).items()}
    return [name for name, has in labels.items() if selects(selector, has)]


@each
def test_its_objects_find_its_own_pods_and_no_others(up: Graph, name: str) -> None:
    declared = objects(up)
    assert found_by(up, deployment(up, name)["selector"]["matchLabels"]) == [name]
    assert found_by(up, declared[f"Service {name}"]["spec"]["selector"]) == [name]
    if name != "admin":
        budget = declared[f"PodDisruptionBudget {name}"]["spec"]
        assert found_by(up, budget["selector"]["matchLabels"]) == [name]
        assert budget["maxUnavailable"] == 1


@each
def test_its_service_leads_to_a_port_that_its_container_has(up: Graph, name: str) -> None:
    [port] = objects(up)[f"Service {name}"]["spec"]["ports"]
    assert port["targetPort"] in [p["containerPort"] for p in container(up, name)["ports"]]


@each
def test_its_service_is_within_the_cluster_and_not_waited_for(up: Graph, name: str) -> None:
    given = objects(up)[f"Service {name}"]
    assert given["spec"]["type"] == "ClusterIP"
    assert given["metadata"]["annotations"] == {"pulumi.com/skipAwait": "true"}


@each
def test_it_waits_for_all_that_its_pods_read_and_are_found_by(up: Graph, name: str) -> None:
    read = {
        f"Secret {name}" if "secret" in volume else f"ConfigMap {name}"
        for volume in mounted(up, name).values()
        if volume.keys() & {"secret", "configMap"}
    }
    assert {*read, f"Service {name}"} <= up.reachable(f"Deployment {name}")


@each
def test_it_is_not_root_and_may_gain_nothing(up: Graph, name: str) -> None:
    user = {"user": 10001, "time": 10001, "ping": 10001, "pooler": 10001, "admin": 5050}[name]
    security = pod(up, name)["securityContext"]
    assert security["runAsUser"] == security["runAsGroup"] == security["fsGroup"] == user
    assert security["runAsNonRoot"] is True
    assert security["seccompProfile"] == {"type": "RuntimeDefault"}
    confined = container(up, name)["securityContext"]
    # What Kubernetes lets a pod add where it enforces `restricted`; the services add nothing.
    added = {"add": ["NET_BIND_SERVICE"]} if name == "admin" else {}
    assert confined == {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"], **added},
        "privileged": False,
        "readOnlyRootFilesystem": True,
    }


@each
def test_it_knows_nothing_of_the_cluster_it_is_in(up: Graph, name: str) -> None:
    assert pod(up, name)["automountServiceAccountToken"] is False
    assert pod(up, name)["enableServiceLinks"] is False


@each
def test_its_memory_has_a_limit_and_no_probe_is_missing(up: Graph, name: str) -> None:
    given = container(up, name)
    assert given["resources"]["limits"].keys() == {"memory"}
    assert given["resources"]["requests"].keys() == {"cpu", "memory"}
    assert {"startupProbe", "readinessProbe", "livenessProbe"} <= given.keys()


@each
def test_a_secret_is_a_file_and_no_variable(up: Graph, name: str) -> None:
    secret = {"secretName": name, "defaultMode": 0o440}
    assert mounted(up, name)[SECRETS] == {"secret": secret}
    assert "generated-password" not in json.dumps(environment(up, name))
    for resource in registered(up):
        assert "generated-password" not in json.dumps(without_secrets(resource.inputs))


@each
def test_it_writes_into_folders_that_are_its_own(up: Graph, name: str) -> None:
    writable = {
        path for path, of in mounted(up, name).items() if not of.keys() & {"secret", "configMap"}
    }
    data = {"/var/lib/pgadmin"} if name == "admin" else set[str]()
    assert writable == {"/tmp", *data}  # noqa: S108 - the container's own


@each
def test_a_preview_knows_all_of_it_but_the_digest_of_secrets(preview: Graph, name: str) -> None:
    [given] = [r for r in registered(preview) if r.type.endswith(":Deployment") and r.name == name]
    told: dict[str, Any] = json.loads(json.dumps(given.inputs))
    digest = told["spec"]["template"]["metadata"].pop("annotations", None)
    assert UNKNOWN not in json.dumps(told)
    assert (UNKNOWN in json.dumps(digest)) is (name == "pooler")


def test_what_is_read_at_the_start_alone_is_in_a_digest_and_what_is_read_again_is_not(
    up: Graph,
) -> None:
    digested = {name for name in DEPLOYMENTS if "citus/digest" in pod_annotations(up, name)}
    assert digested == {"pooler", "admin"}
