"""A node: what it is called, where its data are, what it may do, and what it waits for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.graph.kubernetes.objects import objects, plain, pods, registered, selects
from tests.graph.program import SECRET, UNKNOWN, is_secret, without_secrets

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.graph.program import Graph

pytestmark = pytest.mark.graph

WORKERS = ["worker-0", "worker-1", "worker-2"]
NODES = ["coordinator", *WORKERS]
SHARED_MEMORY = "/dev/shm"  # noqa: S108 - the containers own


def container(graph: Graph, node: str) -> dict[str, Any]:
    [only] = pods(graph)[node]["spec"]["containers"]
    return dict(only)


def mounted(graph: Graph, node: str) -> dict[str, str]:
    """Give the volumes of a node's container by the paths they are mounted at."""
    return {m["mountPath"]: m["name"] for m in container(graph, node)["volumeMounts"]}


def volume(graph: Graph, node: str, path: str) -> dict[str, Any]:
    """Give what is mounted at a path."""
    name = mounted(graph, node)[path]
    return next(v for v in pods(graph)[node]["spec"]["volumes"] if v["name"] == name)


@pytest.mark.parametrize("node", NODES)
@pytest.mark.parametrize("kind", ["StatefulSet", "Service", "ConfigMap", "Secret"])
def test_its_objects_have_its_name_which_no_preview_changes(
    up: Graph, kind: str, node: str
) -> None:
    given = objects(up)[f"{kind} {node}"]
    assert given["metadata"]["namespace"] == "citus-dev"
    assert "generateName" not in given["metadata"]


@pytest.mark.parametrize("node", NODES)
def test_one_set_is_one_pod(up: Graph, node: str) -> None:
    """With many in one set Pulumi would lower the count before the node is drained."""
    spec = objects(up)[f"StatefulSet {node}"]["spec"]
    assert (spec["replicas"], spec["serviceName"]) == (1, node)
    assert "volumeClaimTemplates" not in spec


@pytest.mark.parametrize("node", NODES)
def test_its_data_are_in_a_claim_of_its_own_under_a_folder(up: Graph, node: str) -> None:
    claim = objects(up)[f"PersistentVolumeClaim {node}-data"]
    assert volume(up, node, "/var/lib/citus") == {
        "name": "data",
        "persistentVolumeClaim": {"claimName": f"{node}-data"},
    }
    assert (
        claim["spec"]["storageClassName"] == objects_of(up, "StorageClass")[0]["metadata"]["name"]
    )
    assert environment(up, node)["PGDATA"] == "/var/lib/citus/data"


def test_the_storage_class_is_of_the_namespaces_name_which_no_other_stack_has(
    run_in_kubernetes: Callable[..., Graph],
) -> None:
    """It is the whole cluster's: a stack of the same name elsewhere must not share it."""
    graph = run_in_kubernetes(namespace="sales")
    [storage] = objects_of(graph, "StorageClass")
    assert storage["metadata"]["name"] == "sales"
    for node in NODES:
        claim = objects(graph)[f"PersistentVolumeClaim {node}-data"]
        assert claim["spec"]["storageClassName"] == "sales"


@pytest.mark.parametrize("node", NODES)
def test_its_claim_keeps_the_class_that_it_was_made_with(up: Graph, node: str) -> None:
    claim = up.resources[f"PersistentVolumeClaim {node}-data"]
    assert claim.ignored == ("spec.storageClassName",)


@pytest.mark.parametrize("node", NODES)
def test_it_is_not_root_and_may_do_nothing_more(up: Graph, node: str) -> None:
    spec = pods(up)[node]["spec"]
    assert spec["automountServiceAccountToken"] is False
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["runAsUser"] == spec["securityContext"]["fsGroup"] == 999
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container(up, node)["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "privileged": False,
        "readOnlyRootFilesystem": True,
    }


@pytest.mark.parametrize("node", NODES)
def test_its_shared_memory_is_memory_of_the_size_in_config(
    run_in_kubernetes: Callable[..., Graph], node: str
) -> None:
    graph = run_in_kubernetes(nodeSharedMemory="512")
    assert volume(graph, node, SHARED_MEMORY)["emptyDir"] == {
        "medium": "Memory",
        "sizeLimit": "512Mi",
    }


@pytest.mark.parametrize("node", NODES)
def test_liveness_looks_at_no_peer_and_forgives_a_recovery(up: Graph, node: str) -> None:
    probes = container(up, node)
    ready, alive, start = (
        probes[f"{kind}Probe"]["exec"]["command"] for kind in ("readiness", "liveness", "startup")
    )
    assert ready == start == ["pg_isready", "-q", "-h", "127.0.0.1", "-p", "5432", "-U", "postgres"]
    assert alive == ["sh", "-c", f"{' '.join(ready)}; test $? -lt 2"]
    first = probes["startupProbe"]
    assert first["periodSeconds"] * first["failureThreshold"] >= 3600


def test_its_name_leads_to_its_own_pod_alone_ready_or_not(up: Graph) -> None:
    labels = {name: pod["metadata"]["labels"] for name, pod in pods(up).items()}
    for node in NODES:
        spec = objects(up)[f"Service {node}"]["spec"]
        assert [name for name, has in labels.items() if selects(spec["selector"], has)] == [node]
        assert (spec["clusterIP"], spec["publishNotReadyAddresses"]) == ("None", True)


def test_nodes_start_one_after_another_so_that_a_change_restarts_one_at_a_time(up: Graph) -> None:
    for before, node in zip(NODES, WORKERS, strict=False):
        assert f"StatefulSet {before}" in up.reachable(f"StatefulSet {node}")


def test_membership_waits_for_every_node(up: Graph) -> None:
    waits_for = up.reachable("Membership membership")
    assert {f"StatefulSet {node}" for node in NODES} <= waits_for


def test_a_claim_goes_after_its_set_and_both_after_the_membership(up: Graph) -> None:
    """Pulumi deletes in the opposite order of what depends on what."""
    for node in WORKERS:
        assert f"PersistentVolumeClaim {node}-data" in up.reachable(f"StatefulSet {node}")
        assert f"StatefulSet {node}" in up.reachable("Membership membership")


def test_another_file_is_another_pod(up: Graph) -> None:
    """The coordinator's files are not a worker's; two workers' are the same but for the mocks."""
    digests = {n: pods(up)[n]["metadata"]["annotations"]["citus/digest"] for n in NODES}
    assert digests["coordinator"] != digests["worker-0"] == digests["worker-1"]


@pytest.mark.parametrize("node", NODES)
def test_it_talks_tls_alone(up: Graph, node: str) -> None:
    files = objects(up)[f"ConfigMap {node}"]["data"]
    assert files["pg_hba.conf"].splitlines() == [
        "local all all peer",
        "hostssl all all all scram-sha-256",
    ]
    said = files["postgresql.conf"].splitlines()
    assert "ssl = 'on'" in said
    conninfo = "sslmode=verify-ca sslrootcert=/run/secrets/citus/ca.crt"
    assert f"citus.node_conninfo = '{conninfo}'" in said
    assert "shared_preload_libraries = 'citus'" in said


def test_passwords_and_keys_are_in_secrets_alone(up: Graph) -> None:
    for resource in registered(up):
        shown = str(without_secrets(resource.inputs))
        for hidden in ("generated-password", "a certificate's key", "the authority's key"):
            assert hidden not in shown, resource.name
        kind = resource.type.split(":")[-1]
        if "generated-password" in str(plain(resource.inputs)):
            assert kind == "Secret", resource.name


@pytest.mark.parametrize("node", NODES)
def test_a_secret_is_a_file_and_no_variable(up: Graph, node: str) -> None:
    assert set(environment(up, node)) == {
        *("PGDATA", "PGPASSFILE"),
        *("POSTGRES_INITDB_ARGS", "POSTGRES_PASSWORD_FILE", "POSTGRES_USER"),
    }
    assert volume(up, node, "/run/secrets/citus")["secret"] == {
        "secretName": node,
        "defaultMode": 0o440,
    }
    [secret] = [r for r in registered(up) if r.name == node and r.type.endswith(":Secret")]
    assert is_secret(secret.inputs["data"])


def test_of_a_secret_nothing_is_known_or_all(preview: Graph) -> None:
    """What is known in part is another object in `up`: refused by --strict, and printed."""
    for resource in registered(preview):
        if resource.type.endswith(":Secret"):
            assert resource.inputs["data"] == {**SECRET, "value": UNKNOWN}, resource.name
            assert "stringData" not in resource.inputs


def environment(graph: Graph, node: str) -> dict[str, str]:
    return {e["name"]: e["value"] for e in container(graph, node)["env"]}


def objects_of(graph: Graph, kind: str) -> list[dict[str, Any]]:
    return [given for key, given in objects(graph).items() if key.split()[0] == kind]
