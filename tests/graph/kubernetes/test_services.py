"""A service in the cluster: its image, whom it logs in to, and how one pod follows another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from citus.cluster import postgresql_conf
from services.runtime import gunicorn_conf
from tests.graph.docker.containers import image_names
from tests.graph.kubernetes.deployments import (
    SECRETS,
    SERVICES,
    container,
    deployment,
    environment,
    kinds,
    pod,
)
from tests.graph.kubernetes.objects import objects, secret_files
from tests.graph.program import FOUND

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.graph.program import Graph

pytestmark = pytest.mark.graph

each = pytest.mark.parametrize("name", SERVICES)


@pytest.fixture(scope="module")
def without_pooler(run_in_kubernetes: Callable[..., Graph]) -> Graph:
    return run_in_kubernetes()


@each
def test_it_is_a_deployment_and_all_that_belongs_to_one(up: Graph, name: str) -> None:
    expected = {"Deployment", "PodDisruptionBudget", "Secret", "Service"}
    assert kinds(up, name) & {*expected, "ConfigMap", "StatefulSet"} == expected


@each
def test_its_image_is_in_the_registry_under_the_tag_that_it_has_on_docker(
    up: Graph, run_in_containers: Callable[..., Graph], name: str
) -> None:
    tag = image_names(run_in_containers())[name].partition(":")[2]
    assert container(up, name)["image"] == f"registry.example.com/citus/citus-{name}:{tag}"


@each
def test_all_of_them_leave_connections_to_others(up: Graph, name: str) -> None:
    """Two processes a pod, and while a service is changed one pod more."""
    most = 2 * int(environment(up, name)["POOL_MAX_SIZE"])
    pods = objects(up)[f"Deployment {name}"]["spec"]["replicas"] + 1
    there_are = int(postgresql_conf.coordinator()["max_connections"])
    assert len(SERVICES) * pods * most <= 0.75 * there_are


@each
@pytest.mark.parametrize(("graph", "address"), [("up", "pooler:9999"), ("without_pooler", None)])
def test_it_logs_in_as_its_own_role_at_the_pooler_if_there_is_one(
    request: pytest.FixtureRequest, name: str, graph: str, address: str | None
) -> None:
    told = environment(request.getfixturevalue(graph), name)
    assert f"{told['DATABASE_HOST']}:{told['DATABASE_PORT']}" == (address or "coordinator:5432")
    assert (told["DATABASE_USER"], told["DATABASE_NAME"]) == (f"{name}_service", "postgres")


@each
def test_where_it_logs_in_is_the_name_and_the_port_of_a_service(up: Graph, name: str) -> None:
    told = environment(up, name)
    [port] = objects(up)[f"Service {told['DATABASE_HOST']}"]["spec"]["ports"]
    assert str(port["port"]) == told["DATABASE_PORT"]


@each
def test_it_talks_tls_alone_to_whom_the_authority_has_signed(up: Graph, name: str) -> None:
    told, files = environment(up, name), secret_files(up, name)
    assert told["PGSSLMODE"] == "verify-full"
    assert told["PGSSLROOTCERT"] == f"{SECRETS}/ca.crt"
    assert files["ca.crt"] == "the authority's"


@each
@pytest.mark.parametrize("graph", ["up", "without_pooler"])
def test_whom_it_logs_in_to_has_a_certificate_of_the_name_it_uses(
    request: pytest.FixtureRequest, name: str, graph: str
) -> None:
    found: Graph = request.getfixturevalue(graph)
    host = environment(found, name)["DATABASE_HOST"]
    assert host in found.resources[f"Certificate {host}"].inputs["names"]


@each
def test_it_reads_its_password_from_a_file(up: Graph, name: str) -> None:
    assert environment(up, name)["DATABASE_PASSWORD_FILE"] == f"{SECRETS}/password"
    assert secret_files(up, name)["password"] == "generated-password"


def test_another_password_is_another_file_and_no_other_pod(
    run_in_kubernetes: Callable[..., Graph],
    without_pooler: Graph,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A service reads it for each new connection."""
    monkeypatch.setitem(FOUND, "Password", {"result": "another"})
    changed = run_in_kubernetes()
    for name in SERVICES:
        assert secret_files(changed, name)["password"] == "another"
        assert deployment(changed, name) == deployment(without_pooler, name)


@each
def test_two_pods_are_spread_over_hosts_and_zones_where_that_can_be(up: Graph, name: str) -> None:
    assert deployment(up, name)["replicas"] == 2
    spread = pod(up, name)["topologySpreadConstraints"]
    assert [s["topologyKey"] for s in spread] == [
        "kubernetes.io/hostname",
        "topology.kubernetes.io/zone",
    ]
    own = deployment(up, name)["selector"]["matchLabels"]
    for constraint in spread:
        assert constraint["whenUnsatisfiable"] == "ScheduleAnyway"
        assert constraint["labelSelector"]["matchLabels"] == own


def test_there_are_as_many_pods_as_config_says(run_in_kubernetes: Callable[..., Graph]) -> None:
    graph = run_in_kubernetes(serviceReplicas="5")
    assert {deployment(graph, name)["replicas"] for name in SERVICES} == {5}


@each
def test_the_next_pod_is_ready_before_one_goes(up: Graph, name: str) -> None:
    assert deployment(up, name)["strategy"] == {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0},
    }


@each
def test_it_is_ready_if_the_database_answers_and_lives_without_one(up: Graph, name: str) -> None:
    probes = container(up, name)
    asked = {
        kind: probes[f"{kind}Probe"]["httpGet"]["path"]
        for kind in ("startup", "readiness", "liveness")
    }
    assert asked == {"startup": "/healthz", "readiness": "/readyz", "liveness": "/healthz"}


@each
def test_it_is_out_of_the_service_before_it_stops_and_has_the_time_to_answer(
    up: Graph, name: str
) -> None:
    sleep = container(up, name)["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert sleep > 0
    left = pod(up, name)["terminationGracePeriodSeconds"] - sleep
    assert left > gunicorn_conf.graceful_timeout


def test_the_kernel_lets_the_group_of_ping_send_echo_requests_and_no_other(up: Graph) -> None:
    sysctls = {name: pod(up, name)["securityContext"].get("sysctls") for name in SERVICES}
    assert sysctls == {
        "user": None,
        "time": None,
        "ping": [{"name": "net.ipv4.ping_group_range", "value": "10001 10001"}],
    }


@each
def test_it_comes_after_its_tables_and_the_pooler(up: Graph, name: str) -> None:
    waits_for = up.reachable(f"Deployment {name}")
    assert {f"Migrations {name}_service", "Deployment pooler"} <= waits_for


@each
def test_it_is_called_by_its_name_in_the_namespace(up: Graph, name: str) -> None:
    assert up.outputs["services"][name] == f"http://{name}.citus-dev.svc"
    [port] = objects(up)[f"Service {name}"]["spec"]["ports"]
    assert port["port"] == 80
