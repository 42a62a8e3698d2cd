"""Who is whose parent, what waits for what, and what goes with what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.graph.program import CHANGED

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.graph.program import Graph

pytestmark = pytest.mark.graph

COORDINATOR = "PostgresServer coordinator"
SERVICES = ["user", "time", "ping"]
PARENTS = {
    "PlatformRecord platform": "CitusCluster citus",
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
    "Placements placements": "DistributedDatabase database",
    "Tables tables": "Stack citus-dev",
    **{f"OwnedSchema {name}_service": "Stack citus-dev" for name in SERVICES},
    **{
        f"{kind} {name}_service": f"OwnedSchema {name}_service"
        for kind in ("Password", "Role", "Schema", "Migrations")
        for name in SERVICES
    },
    **{f"Microservice {name}": "Stack citus-dev" for name in SERVICES},
    **{f"ServiceProcess {name}": f"Microservice {name}" for name in SERVICES},
}
IN_THE_DATABASE = ["Extension", "Membership", "Role", "Schema", "Migrations", "Placements"]
WAITS = {
    "Extension citus": COORDINATOR,
    "Membership membership": "Extension citus",
    **{f"Role {name}_service": "Membership membership" for name in SERVICES},
    **{f"Schema {name}_service": f"Role {name}_service" for name in SERVICES},
    **{f"Migrations {name}_service": f"Schema {name}_service" for name in SERVICES},
    **{f"ServiceProcess {name}": f"Migrations {name}_service" for name in SERVICES},
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
    assert up.of_kind(kind)
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


def test_placements_come_after_all_that_may_move_a_shard(up: Graph) -> None:
    after = {"Membership membership"} | {
        f"{kind} {name}_service" for kind in ("Schema", "Migrations") for name in SERVICES
    }
    placements = up.resources["Placements placements"]
    assert {up.key(urn) for urn in placements.depends_on} >= after
    assert placements.inputs["after"] == dict.fromkeys(after, CHANGED["changed_at"])


def test_schemas_and_services_do_not_wait_for_each_other(up: Graph) -> None:
    for name in SERVICES:
        others = {other for other in SERVICES if other != name}
        waits = up.reachable(f"ServiceProcess {name}")
        assert not {key for key in waits if key.split()[1].removesuffix("_service") in others}


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
