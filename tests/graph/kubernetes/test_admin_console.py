"""pgAdmin in the cluster: the nodes that it knows, its own data, and who may log in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.graph.kubernetes.deployments import (
    SECRETS,
    container,
    deployment,
    environment,
    kinds,
    mounted,
    pod_annotations,
)
from tests.graph.kubernetes.objects import objects, secret_files

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.graph.program import Graph

pytestmark = pytest.mark.graph

ADMIN = "Deployment admin"


def test_there_is_none_unless_a_stack_asks_for_it(run_in_kubernetes: Callable[..., Graph]) -> None:
    assert not [key for key in objects(run_in_kubernetes()) if "admin" in key]


def test_it_is_a_deployment_of_one_and_all_that_belongs_to_it(up: Graph) -> None:
    assert kinds(up, "admin") >= {"ConfigMap", "Deployment", "Secret", "Service"}
    assert deployment(up, "admin")["replicas"] == 1


def test_the_one_before_is_gone_before_it_takes_up_the_data(up: Graph) -> None:
    """The claim is one pod's at a time: both would wait for each other."""
    assert deployment(up, "admin")["strategy"] == {"type": "Recreate"}
    assert objects(up)["PersistentVolumeClaim admin-data"]["spec"]["accessModes"] == [
        "ReadWriteOnce"
    ]


def test_its_data_are_in_a_claim_of_the_nodes_class(up: Graph) -> None:
    claim = objects(up)["PersistentVolumeClaim admin-data"]["spec"]
    nodes = objects(up)["PersistentVolumeClaim coordinator-data"]["spec"]
    assert mounted(up, "admin")["/var/lib/pgadmin"] == {
        "persistentVolumeClaim": {"claimName": "admin-data"}
    }
    assert claim["storageClassName"] == nodes["storageClassName"]
    assert claim["resources"]["requests"] == {"storage": "1Gi"}
    assert "PersistentVolumeClaim admin-data" in up.reachable(ADMIN)


@pytest.mark.parametrize("protect", [True, False])
def test_its_data_and_what_opens_them_are_protected_where_those_of_the_nodes_are(
    run_in_kubernetes: Callable[..., Graph], *, protect: bool
) -> None:
    graph = run_in_kubernetes(adminConsole="true", protect=json.dumps(protect))
    claims = [f"PersistentVolumeClaim {name}-data" for name in ("admin", "coordinator", "worker-0")]
    for key in (*claims, "Secret admin", "Namespace namespace"):
        assert graph.resources[key].protected is protect, key
    assert graph.resources["ConfigMap admin"].protected is False


@pytest.mark.parametrize("count", [1, 4])
def test_every_node_is_a_server_that_has_to_show_its_certificate(
    run_in_kubernetes: Callable[..., Graph], count: int
) -> None:
    graph = run_in_kubernetes(adminConsole="true", workers=str(count))
    file = objects(graph)["ConfigMap admin"]["data"]["servers.json"]
    servers = list(json.loads(file)["Servers"].values())
    names = ["coordinator", *(f"worker-{index}" for index in range(count))]
    assert [(s["Name"], s["Host"], s["Port"]) for s in servers] == [(n, n, 5432) for n in names]
    assert {s["Group"] for s in servers} == {"citus-dev"}
    assert {s["ConnectionParameters"]["sslmode"] for s in servers} == {"verify-full"}
    for host in names:
        assert host in graph.resources[f"Certificate {host}"].inputs["names"]


def test_libpq_knows_the_authority_which_no_list_of_servers_can_name(up: Graph) -> None:
    assert environment(up, "admin")["PGSSLROOTCERT"] == f"{SECRETS}/ca.crt"
    assert secret_files(up, "admin")["ca.crt"] == "the authority's"


def test_it_reads_the_files_that_are_mounted(up: Graph) -> None:
    told = environment(up, "admin")
    assert told["PGADMIN_SERVER_JSON_FILE"] == "/etc/pgadmin/servers.json"
    assert mounted(up, "admin")["/etc/pgadmin"] == {"configMap": {"name": "admin"}}
    assert told["PGADMIN_DEFAULT_PASSWORD_FILE"] == f"{SECRETS}/password"
    assert secret_files(up, "admin")["password"] == "generated-password"
    assert secret_files(up, "admin").keys() == {"password", "ca.crt"}


def test_what_it_writes_at_its_start_is_in_a_folder_that_it_may_write(up: Graph) -> None:
    file = environment(up, "admin")["PGADMIN_CUSTOM_CONFIG_DISTRO_FILE"]
    assert "emptyDir" in mounted(up, "admin")[file.rpartition("/")[0]]


def test_another_node_is_another_pod_which_loads_the_list(
    run_in_kubernetes: Callable[..., Graph], up: Graph
) -> None:
    more = run_in_kubernetes(pooler="true", adminConsole="true", workers="4")
    assert pod_annotations(more, "admin") != pod_annotations(up, "admin")


def test_it_is_probed_where_nobody_need_log_in(up: Graph) -> None:
    given = container(up, "admin")
    for kind in ("startup", "readiness", "liveness"):
        assert given[f"{kind}Probe"]["httpGet"] == {"path": "/misc/ping", "port": 5050}
    first = given["startupProbe"]
    assert first["periodSeconds"] * first["failureThreshold"] >= 300


def test_who_may_log_in_is_said_by_config(run_in_kubernetes: Callable[..., Graph]) -> None:
    graph = run_in_kubernetes(adminConsole="true", adminEmail="me@cluster.local")
    assert environment(graph, "admin")["PGADMIN_DEFAULT_EMAIL"] == "me@cluster.local"
    assert graph.outputs["adminConsole"]["email"] == "me@cluster.local"


def test_its_url_is_that_of_its_service(up: Graph) -> None:
    [port] = objects(up)["Service admin"]["spec"]["ports"]
    assert port["port"] == 80
    assert up.outputs["adminConsole"]["url"] == "http://admin.citus-dev.svc"
