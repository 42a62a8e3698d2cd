"""Which objects there are on the engine, what they are called, and what waits for what."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from tests.graph.docker.containers import NODES, SECRETS, SERVICES, WORKERS, inputs

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.graph.program import Graph

pytestmark = pytest.mark.graph

PARENTS = {
    "Network network": "StorageClass storage",
    "Volume coordinator-data": "Coordinator coordinator",
    "Container coordinator": "Coordinator coordinator",
    **{f"Volume {name}-data": "WorkerPool workers" for name in WORKERS},
    **{f"Container {name}": "WorkerPool workers" for name in WORKERS},
    **{
        f"{kind} {name}{part}": f"Microservice {name}"
        for name in SERVICES
        for kind, part in (
            ("Image", "-image"),
            ("Volume", "-secret"),
            ("Container", "-secret"),
            ("Container", ""),
        )
    },
}
NAMES = {
    "Network network": "citus-dev",
    **{f"Volume {name}-data": f"citus-dev-{name}" for name in NODES},
    **{f"Volume {name}": f"citus-dev-{name}" for name in SECRETS},
    **{f"Container {name}": f"citus-dev-{name}" for name in [*NODES, *SECRETS, *SERVICES]},
}
WAITS = [
    ("Network network", "PlatformRecord platform"),
    *((f"Volume {name}-data", "Network network") for name in NODES),
    *((f"Container {name}", f"Volume {name}-data") for name in NODES),
    *((f"Container {name}", "Network network") for name in [*NODES, *SERVICES]),
    *((f"Container {name}", "Password postgres") for name in NODES),
    *((f"Container {after}", f"Container {before}") for before, after in pairwise(NODES)),
    *(("Membership membership", f"Container {name}") for name in NODES),
    *((f"Container {name}", f"Migrations {name}_service") for name in SERVICES),
    *((f"Container {name}", f"Container {name}-secret") for name in SERVICES),
    *((f"Container {name}", f"Image {name}-image") for name in SERVICES),
    *((f"Container {name}-secret", f"Volume {name}-secret") for name in SERVICES),
    *((f"Container {name}-secret", f"Password {name}_service") for name in SERVICES),
]


def of_docker(graph: Graph) -> list[str]:
    return [key for key, r in graph.resources.items() if r.type.startswith("docker:")]


def waits(graph: Graph, key: str) -> set[str]:
    """Give all that is there before a resource: what it and its parents depend on."""
    found: set[str] = set()
    todo = [key]
    while todo:
        resource = graph.resources[todo.pop()]
        before = {graph.key(urn) for urn in (*resource.depends_on, resource.parent)}
        todo += before - found - {""}
        found |= before
    return found


def test_every_object_has_its_parent_and_there_is_no_other(up: Graph) -> None:
    assert {key: up.key(up.resources[key].parent) for key in of_docker(up)} == PARENTS


def test_names_on_the_engine_are_those_of_the_stack(up: Graph) -> None:
    names = {key: up.resources[key].inputs.get("name") for key in of_docker(up)}
    assert {key: name for key, name in names.items() if not key.startswith("Image ")} == NAMES


def test_no_process_of_this_machine_is_part_of_it(up: Graph) -> None:
    for kind in ("PostgresServer", "ServiceProcess", "DataRoot"):
        assert up.of_kind(kind) == []


@pytest.mark.parametrize(
    ("key", "before"), WAITS, ids=[f"{key} after {before}" for key, before in WAITS]
)
def test_what_needs_another_waits_for_it(up: Graph, key: str, before: str) -> None:
    assert before in waits(up, key)
    assert key not in waits(up, before)


def test_services_do_not_wait_for_each_other(up: Graph) -> None:
    for name in SERVICES:
        others = {f"Container {other}" for other in SERVICES if other != name}
        assert not others & waits(up, f"Container {name}")


def test_what_is_in_the_database_goes_with_the_coordinators_container(up: Graph) -> None:
    for kind in ("Extension", "Membership", "Role", "Schema", "Migrations", "Placements"):
        assert up.of_kind(kind)
        for name in up.of_kind(kind):
            gone = up.key(up.resources[f"{kind} {name}"].deleted_with)
            assert gone == "Container coordinator"


@pytest.mark.parametrize("count", [1, 3, 5])
def test_workers_are_as_many_as_the_setting_says(run: Callable[..., Graph], count: int) -> None:
    graph = run(workers=str(count), services="[]")
    names = [f"worker-{index}" for index in range(count)]
    assert sorted(graph.of_kind("Container")) == ["coordinator", *names]
    assert sorted(graph.of_kind("Volume")) == sorted(
        f"{name}-data" for name in ["coordinator", *names]
    )


@pytest.mark.parametrize("name", [*NODES, *SERVICES])
def test_what_the_provider_ignores_a_change_of_is_made_anew(up: Graph, name: str) -> None:
    """Its name is taken until it is gone."""
    container = up.resources[f"Container {name}"]
    limits = {"memory", "memorySwap", "cpus"}
    assert {*container.replaced_by} >= {"healthcheck", "tmpfs", *limits}
    assert container.deleted_first


@pytest.mark.parametrize("name", [*NODES, *SERVICES])
def test_a_container_is_waited_for_until_it_is_healthy_and_starts_again(
    up: Graph, name: str
) -> None:
    assert inputs(up, name)["wait"] is True
    assert inputs(up, name)["waitTimeout"] >= 60
    assert inputs(up, name)["restart"] == "unless-stopped"
    assert inputs(up, name)["destroyGraceSeconds"] == inputs(up, name)["stopTimeout"] >= 40


@pytest.mark.parametrize("name", SECRETS)
def test_what_carries_a_secret_never_runs(up: Graph, name: str) -> None:
    container = inputs(up, name)
    assert (container["start"], container["mustRun"]) == (False, False)
    assert container["networkMode"] == "none"
