"""Who is whose parent, what waits for what, and what goes with what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.graph.program import Graph

pytestmark = pytest.mark.graph

COORDINATOR = "PostgresServer coordinator"
PARENTS = {
    "CitusCluster citus": "Stack citus-dev",
    "StorageClass storage": "CitusCluster citus",
    "DataRoot storage": "StorageClass storage",
    "Password postgres": "CitusCluster citus",
    "Coordinator coordinator": "CitusCluster citus",
    COORDINATOR: "Coordinator coordinator",
    "WorkerPool workers": "CitusCluster citus",
    "PostgresServer worker-0": "WorkerPool workers",
    "PostgresServer worker-1": "WorkerPool workers",
    "PostgresServer worker-2": "WorkerPool workers",
    "DistributedDatabase database": "Stack citus-dev",
    "Extension citus": "DistributedDatabase database",
    "Membership membership": "DistributedDatabase database",
    "Microservice user": "Stack citus-dev",
    "Password user_service": "Microservice user",
    "Role user_service": "Microservice user",
    "Schema user_service": "Microservice user",
    "Migrations user_service": "Microservice user",
    "ServiceProcess user": "Microservice user",
}
IN_THE_DATABASE = ["Extension", "Membership", "Role", "Schema", "Migrations"]
WAITS = {
    "Extension citus": COORDINATOR,
    "Membership membership": "Extension citus",
    "Role user_service": "Membership membership",
    "Schema user_service": "Role user_service",
    "Migrations user_service": "Schema user_service",
    "ServiceProcess user": "Migrations user_service",
}


def test_every_resource_has_its_parent(up: Graph) -> None:
    parents = {key: up.key(r.parent) for key, r in up.resources.items()}
    assert parents.pop("Stack citus-dev") == ""
    assert parents == PARENTS


def test_types_stay_what_every_state_has_recorded(up: Graph) -> None:
    for key, resource in up.resources.items():
        kind = key.split()[0]
        if resource.custom:
            assert resource.type == f"pulumi-python:dynamic/citus:{kind}"
        elif kind != "Stack":
            assert resource.type.startswith("citus:")
            assert resource.type.endswith(f":{kind}")


@pytest.mark.parametrize("kind", IN_THE_DATABASE)
def test_what_is_in_the_database_goes_with_the_coordinators_server(up: Graph, kind: str) -> None:
    for name in up.of_kind(kind):
        key = f"{kind} {name}"
        assert up.key(up.resources[key].deleted_with) == COORDINATOR
        assert COORDINATOR in up.reachable(key)


def test_servers_and_services_are_stopped_by_themselves(up: Graph) -> None:
    for kind in ("PostgresServer", "ServiceProcess", "DataRoot"):
        for name in up.of_kind(kind):
            assert up.resources[f"{kind} {name}"].deleted_with == ""


def test_membership_waits_for_every_server(up: Graph) -> None:
    servers = {f"PostgresServer {name}" for name in up.of_kind("PostgresServer")}
    assert len(servers) == 4
    assert servers <= {up.key(urn) for urn in up.resources["Membership membership"].depends_on}


@pytest.mark.parametrize(("key", "other"), WAITS.items(), ids=WAITS)
def test_each_step_waits_for_the_one_before(up: Graph, key: str, other: str) -> None:
    assert other in {up.key(urn) for urn in up.resources[key].depends_on}


def test_data_and_passwords_wait_for_their_folder(up: Graph) -> None:
    for name in up.of_kind("PostgresServer"):
        assert "DataRoot storage" in up.reachable(f"PostgresServer {name}")
    for name in up.of_kind("Password"):
        assert "DataRoot storage" in up.reachable(f"Password {name}")


@pytest.mark.parametrize("count", [1, 3, 5])
def test_workers_are_as_many_as_the_setting_says(run: Callable[..., Graph], count: int) -> None:
    graph = run(workers=str(count))
    names = [f"worker-{index}" for index in range(count)]
    assert sorted(graph.of_kind("PostgresServer")) == ["coordinator", *names]
    members = graph.resources["Membership membership"].inputs["workers"]
    assert {name: (row["port"], row["groupid"]) for name, row in members.items()} == {
        name: (15433 + index, index + 1) for index, name in enumerate(names)
    }
    addresses = [f"127.0.0.1:{15432 + group}" for group in range(count + 1)]
    assert graph.resources["Role user_service"].inputs["nodes"] == addresses


def test_ports_follow_their_settings(run: Callable[..., Graph]) -> None:
    graph = run(basePort="21000", serviceBasePort="22000")
    assert graph.resources[COORDINATOR].inputs["port"] == 21000
    assert graph.resources["PostgresServer worker-2"].inputs["port"] == 21003
    assert graph.resources["Extension citus"].inputs["endpoint"]["port"] == 21000
    assert graph.resources["ServiceProcess user"].inputs["port"] == 22000
    assert graph.resources["ServiceProcess user"].inputs["environment"]["DATABASE_PORT"] == "21000"


def test_declared_versions_and_baselines_reach_their_resources(run: Callable[..., Graph]) -> None:
    graph = run(citusVersion="12.1-1", baseline='{"user_service": "001_users.sql"}')
    assert graph.resources["Extension citus"].inputs["version"] == "12.1-1"
    assert graph.resources["Migrations user_service"].inputs["baseline"] == "001_users.sql"
