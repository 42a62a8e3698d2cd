"""One name of a node for all who reach it, and ports on this machine alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.graph.docker.containers import (
    NODES,
    SERVICES,
    WORKERS,
    aliases,
    environment,
    inputs,
    published,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.graph.program import Graph

pytestmark = pytest.mark.graph

PORTS = {"basePort": "21000", "serviceBasePort": "22000"}


@pytest.fixture(scope="module")
def moved(run: Callable[..., Graph]) -> Graph:
    return run(**PORTS)


@pytest.mark.parametrize("name", WORKERS)
def test_a_workers_alias_is_its_name_in_pg_dist_node(up: Graph, name: str) -> None:
    member = up.resources["Membership membership"].inputs["workers"][name]
    assert aliases(up, name) == [member["host"]] == [name]
    assert member["port"] == 5432
    assert member["groupid"] == WORKERS.index(name) + 1


def test_the_coordinators_alias_is_its_name_in_pg_dist_node(up: Graph) -> None:
    member = up.resources["Membership membership"].inputs["coordinator"]
    assert member == {"host": "coordinator", "port": 5432}
    assert aliases(up, "coordinator") == [member["host"]]
    assert up.outputs["coordinator"] == "coordinator:5432"


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_reaches_the_coordinator_by_its_alias(up: Graph, name: str) -> None:
    found = environment(up, name)
    assert [found["DATABASE_HOST"]] == aliases(up, "coordinator")
    assert found["DATABASE_PORT"] == "5432"


@pytest.mark.parametrize("name", [*NODES, *SERVICES])
def test_a_container_calls_itself_what_the_others_call_it(up: Graph, name: str) -> None:
    assert aliases(up, name) == [inputs(up, name)["hostname"]] == [name]


def test_roles_reach_every_node_by_its_alias(up: Graph) -> None:
    nodes = [f"{name}:5432" for name in NODES]
    assert up.resources["Role user_service"].inputs["nodes"] == nodes


def test_only_the_coordinator_and_the_services_have_a_port_and_on_this_machine_alone(
    up: Graph,
) -> None:
    assert published(up) == {
        "coordinator": [("127.0.0.1", 15432, 5432)],
        "user": [("127.0.0.1", 6000, 5000)],
        "time": [("127.0.0.1", 6001, 5000)],
        "ping": [("127.0.0.1", 6002, 5000)],
    }


def test_ports_follow_their_settings(moved: Graph) -> None:
    ports = {name: [port for _, port, _ in of] for name, of in published(moved).items()}
    assert ports == {"coordinator": [21000], "user": [22000], "time": [22001], "ping": [22002]}


@pytest.mark.parametrize("graph", ["up", "moved"])
def test_outputs_agree_with_the_ports(graph: str, request: pytest.FixtureRequest) -> None:
    found: Graph = request.getfixturevalue(graph)
    where = {name: f"{ip}:{port}" for name, [(ip, port, _)] in published(found).items()}
    admin = found.outputs["adminUrl"]["value"]
    assert admin.endswith(f"@{where.pop('coordinator')}/postgres")
    assert found.outputs["services"] == {name: f"http://{at}" for name, at in where.items()}


def test_the_ports_inside_stay_where_those_outside_move(moved: Graph) -> None:
    assert moved.outputs["coordinator"] == "coordinator:5432"
    assert environment(moved, "user")["DATABASE_PORT"] == "5432"
    assert moved.resources["Extension citus"].inputs["endpoint"]["port"] == 21000
