"""Pgpool-II in the cluster: what it reads, whom it lets in, and how it stops."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from citus.cluster import postgresql_conf
from citus.platforms.conf_file import parse
from tests.graph.kubernetes.deployments import (
    SECRETS,
    container,
    deployment,
    environment,
    kinds,
    mounted,
    pod,
    pod_annotations,
)
from tests.graph.kubernetes.objects import objects, secret_files
from tests.graph.program import FOUND

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.graph.program import Graph

pytestmark = pytest.mark.graph

SERVICES = ["user", "time", "ping"]
POOLER = "Deployment pooler"


def conf(graph: Graph) -> dict[str, str]:
    return parse(objects(graph)["ConfigMap pooler"]["data"]["pgpool.conf"])


def start(graph: Graph) -> str:
    """Give the command that the container starts with."""
    *shell, script = container(graph, "pooler")["command"]
    assert shell == ["sh", "-c"]
    return str(script)


def test_there_is_none_unless_a_stack_asks_for_it(run_in_kubernetes: Callable[..., Graph]) -> None:
    graph = run_in_kubernetes()
    # The policy that would let it be reached is there all the same, and fits no pod.
    assert [key for key in objects(graph) if "pooler" in key] == ["NetworkPolicy pooler"]


def test_it_is_a_deployment_of_two_and_all_that_belongs_to_one(up: Graph) -> None:
    expected = {"ConfigMap", "Deployment", "PodDisruptionBudget", "Secret", "Service"}
    assert expected <= kinds(up, "pooler")
    assert deployment(up, "pooler")["replicas"] == 2


def test_its_two_pods_are_on_hosts_of_their_own_where_that_can_be(up: Graph) -> None:
    apart = pod(up, "pooler")["affinity"]["podAntiAffinity"]
    assert "requiredDuringSchedulingIgnoredDuringExecution" not in apart
    wishes = apart["preferredDuringSchedulingIgnoredDuringExecution"]
    assert [wish["podAffinityTerm"]["topologyKey"] for wish in wishes] == [
        "kubernetes.io/hostname",
        "topology.kubernetes.io/zone",
    ]
    own = deployment(up, "pooler")["selector"]["matchLabels"]
    for wish in wishes:
        assert wish["podAffinityTerm"]["labelSelector"]["matchLabels"] == own


def test_its_backend_is_the_coordinators_service_which_nothing_takes_the_place_of(
    up: Graph,
) -> None:
    backend = {name: value for name, value in conf(up).items() if name.endswith("0")}
    [port] = objects(up)[f"Service {backend['backend_hostname0']}"]["spec"]["ports"]
    assert backend["backend_hostname0"] == "coordinator"
    assert backend["backend_port0"] == str(port["port"])
    assert backend["backend_flag0"] == "ALWAYS_PRIMARY|DISALLOW_TO_FAILOVER"
    assert conf(up)["load_balance_mode"] == "on"


def test_every_file_that_it_names_is_mounted(up: Graph) -> None:
    """What it only writes is in a folder that is there, too."""
    files = {f"/config/{name}" for name in objects(up)["ConfigMap pooler"]["data"]}
    files |= {f"{SECRETS}/{name}" for name in secret_files(up, "pooler")}
    named = {word for word in start(up).split() if word.startswith("/config/")}
    named |= {value for value in conf(up).values() if value.startswith("/run/")}
    assert named == files
    assert mounted(up, "pooler").keys() == {"/config", SECRETS, conf(up)["logdir"]}


def test_clients_come_by_tls_alone_and_so_does_it_to_the_coordinator(up: Graph) -> None:
    hba = objects(up)["ConfigMap pooler"]["data"]["pool_hba.conf"].splitlines()
    assert hba == ["host all postgres all reject", "hostssl all all all scram-sha-256"]
    assert (conf(up)["ssl"], conf(up)["ssl_ca_cert"]) == ("on", f"{SECRETS}/ca.crt")
    files = secret_files(up, "pooler")
    assert files["tls.crt"] == "a certificate"
    assert files["tls.key"] == "a certificate's key"
    assert files["ca.crt"] == "the authority's"


def test_its_certificate_has_every_name_of_its_service(up: Graph) -> None:
    names = up.resources["Certificate pooler"].inputs["names"]
    here = "pooler.citus-dev"
    assert {"pooler", here, f"{here}.svc", f"{here}.svc.cluster.local"} <= {*names}


def test_the_roles_of_the_schemas_log_in_and_nobody_else(up: Graph) -> None:
    lines = [f"{name}_service:TEXTgenerated-password\n" for name in SERVICES]
    assert secret_files(up, "pooler")["pool_passwd"] == "".join(lines)


def test_another_password_is_another_pod_which_reads_it(
    run_in_kubernetes: Callable[..., Graph], up: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(FOUND, "Password", {"result": "another"})
    changed = run_in_kubernetes(pooler="true", adminConsole="true")
    assert pod_annotations(changed, "pooler") != pod_annotations(up, "pooler")
    # pgAdmin has its password since its data were made.
    assert pod_annotations(changed, "admin") == pod_annotations(up, "admin")


def test_a_stack_without_a_role_has_a_pooler_that_lets_nobody_in(
    run_in_kubernetes: Callable[..., Graph],
) -> None:
    graph = run_in_kubernetes(pooler="true", services="[]")
    assert secret_files(graph, "pooler")["pool_passwd"] == ""
    assert container(graph, "pooler")["readinessProbe"]["exec"]["command"][-1] == "nobody"


def test_both_together_leave_the_coordinator_sessions_for_others(up: Graph) -> None:
    sessions = deployment(up, "pooler")["replicas"] * int(conf(up)["num_init_children"])
    assert sessions <= int(postgresql_conf.coordinator()["max_connections"]) - 30


def test_more_sessions_of_the_coordinator_are_more_for_clients(
    up: Graph, run_in_kubernetes: Callable[..., Graph]
) -> None:
    graph = run_in_kubernetes(pooler="true", postgresqlConf='{"max_connections": "200"}')
    assert int(conf(graph)["num_init_children"]) == 2 * int(conf(up)["num_init_children"])
    limits = [container(g, "pooler")["resources"]["limits"]["memory"] for g in (up, graph)]
    assert limits == ["512Mi", "812Mi"]


def test_a_pid_file_that_a_killed_one_has_left_is_not_in_the_way(up: Graph) -> None:
    """The folder outlives the container, and in each of them it is process 1."""
    assert start(up).startswith(f"rm -f {conf(up)['pid_file_name']} && exec pgpool ")


def test_it_ends_sessions_when_no_more_come_and_waits_for_none(up: Graph) -> None:
    stop = container(up, "pooler")["lifecycle"]["preStop"]["exec"]["command"]
    assert stop == ["sh", "-c", "sleep 5; kill -INT 1"]
    assert pod(up, "pooler")["terminationGracePeriodSeconds"] > 5


def test_it_is_alive_and_ready_without_the_coordinator(up: Graph) -> None:
    given = container(up, "pooler")
    probes = [given[f"{kind}Probe"]["exec"]["command"] for kind in ("startup", "readiness")]
    assert probes == [given["livenessProbe"]["exec"]["command"]] * 2
    assert probes[0][:2] == ["pg_isready", "-q"]
    assert probes[0][probes[0].index("-h") + 1] == "127.0.0.1"


def test_it_is_found_where_the_official_image_has_it(up: Graph) -> None:
    assert environment(up, "pooler")["PATH"].startswith("/opt/pgpool-II/bin:")


def test_what_is_tracked_never_goes_through_it(up: Graph) -> None:
    for kind in ("Extension", "Membership", "Role", "Schema", "Migrations", "Placements"):
        for name in up.of_kind(kind):
            assert up.resources[f"{kind} {name}"].inputs["endpoint"]["host"] == "coordinator"
            assert POOLER not in up.reachable(f"{kind} {name}")


def test_its_url_is_that_of_its_service(up: Graph) -> None:
    [port] = objects(up)["Service pooler"]["spec"]["ports"]
    assert up.outputs["pooler"] == f"postgresql://pooler.citus-dev.svc:{port['port']}/postgres"
