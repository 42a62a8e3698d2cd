"""Pgpool-II in front of the coordinator, where a stack asks for it."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from citus.errors import ConfigError
from tests.graph.docker.containers import uploads
from tests.graph.program import FOUND, UNKNOWN, is_secret, without_secrets

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.graph.program import Graph

pytestmark = pytest.mark.graph

SERVICES = ["user", "time", "ping"]
POOLER = "Container pooler"
PASSWORD = FOUND["Password"]["result"]


@pytest.fixture(scope="module")
def graph(run_in_containers: Callable[..., Graph]) -> Graph:
    return run_in_containers(pooler="true")


@pytest.mark.parametrize("platform", ["local", "docker"])
def test_there_is_none_unless_a_stack_asks_for_it(
    up: Graph, run_in_containers: Callable[..., Graph], platform: str
) -> None:
    graph = up if platform == "local" else run_in_containers()
    assert not [key for key in graph.resources if "ooler" in key]
    assert "pooler" not in graph.outputs


def test_it_is_beside_the_cluster_under_a_component_of_its_own(graph: Graph) -> None:
    assert graph.resources["Pooler pooler"].type == "citus:cluster:Pooler"
    assert graph.key(graph.resources["Pooler pooler"].parent) == "Stack citus-dev"
    assert graph.key(graph.resources[POOLER].parent) == "Pooler pooler"


@pytest.mark.parametrize("name", SERVICES)
def test_it_comes_after_the_roles_and_before_the_services(graph: Graph, name: str) -> None:
    assert f"Role {name}_service" in graph.reachable(POOLER)
    assert graph.resources[POOLER].urn in graph.resources[f"Container {name}"].depends_on


def test_more_sessions_of_the_coordinator_are_more_for_clients(
    run_in_containers: Callable[..., Graph],
) -> None:
    graph = run_in_containers(pooler="true", postgresqlConf='{"max_connections": "200"}')
    files = uploads(graph, "pooler")
    [conf] = [file["content"] for name, file in files.items() if name.endswith("/pgpool.conf")]
    assert "num_init_children = '120'\n" in conf


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_logs_in_at_the_poolers_own_name(graph: Graph, name: str) -> None:
    [joined] = graph.resources[POOLER].inputs["networksAdvanced"]
    [port] = graph.resources[POOLER].inputs["ports"]
    [host] = joined["aliases"]
    environment = graph.resources[f"Container {name}"].inputs["envs"]
    assert f"DATABASE_HOST={host}" in environment
    assert f"DATABASE_PORT={int(port['internal'])}" in environment


def test_what_is_tracked_goes_straight_to_the_coordinator(graph: Graph) -> None:
    for kind in ("Extension", "Membership", "Role", "Schema", "Migrations", "Placements"):
        for name in graph.of_kind(kind):
            assert graph.resources[f"{kind} {name}"].inputs["endpoint"]["port"] == 15432
            assert POOLER not in graph.reachable(f"{kind} {name}")
    assert all("@127.0.0.1:15432/" in u["value"] for u in graph.outputs["databaseUrls"].values())


def test_it_is_published_on_this_machine_alone(run_in_containers: Callable[..., Graph]) -> None:
    graph = run_in_containers(pooler="true", poolerPort="29999", poolerImage="pgpool:4.6.0")
    [port] = graph.resources[POOLER].inputs["ports"]
    assert (port["ip"], port["external"]) == ("127.0.0.1", 29999)
    assert graph.resources[POOLER].inputs["image"] == "pgpool:4.6.0"
    assert graph.outputs["pooler"] == "postgresql://127.0.0.1:29999/postgres"


def test_passwords_are_in_one_secret_file_and_nowhere_else(graph: Graph) -> None:
    inputs = graph.resources[POOLER].inputs
    assert {key for key, value in inputs.items() if is_secret(value)} == {"uploads"}
    assert PASSWORD not in json.dumps(without_secrets(inputs))
    with_one = [
        name for name, file in uploads(graph, "pooler").items() if PASSWORD in file["content"]
    ]
    assert with_one == ["/config/pool_passwd"]
    lines = [f"{name}_service:TEXT{PASSWORD}\n" for name in SERVICES]
    assert uploads(graph, "pooler")["/config/pool_passwd"]["content"] == "".join(lines)


def test_roles_of_the_users_own_schemas_log_in_too_and_the_superuser_does_not(
    run_in_containers: Callable[..., Graph],
) -> None:
    graph = run_in_containers(pooler="true", services="[]", schemas='{"ads": {}}')
    assert uploads(graph, "pooler")["/config/pool_passwd"]["content"] == f"ads:TEXT{PASSWORD}\n"


def test_a_stack_without_a_role_has_a_pooler_that_lets_nobody_in(
    run_in_containers: Callable[..., Graph],
) -> None:
    graph = run_in_containers(pooler="true", services="[]")
    assert uploads(graph, "pooler")["/config/pool_passwd"]["content"] == ""


def test_it_starts_by_its_own_name_with_the_files_it_was_given(graph: Graph) -> None:
    inputs = graph.resources[POOLER].inputs
    assert inputs["entrypoints"] == ["pgpool"]
    named = {word for word in inputs["command"] if word.startswith("/")}
    assert named == uploads(graph, "pooler").keys() - {"/config/pool_passwd"}


def test_it_may_do_nothing_but_serve(graph: Graph) -> None:
    inputs = graph.resources[POOLER].inputs
    assert inputs["capabilities"] == {"drops": ["ALL"]}
    assert inputs["securityOpts"] == ["no-new-privileges:true"]
    assert not inputs["user"].startswith("0")
    assert "healthcheck" in graph.resources[POOLER].replaced_by


def test_a_preview_knows_all_but_the_passwords(run_in_containers: Callable[..., Graph]) -> None:
    graph = run_in_containers(pooler="true", preview=True)
    unknown = {
        key for key, value in graph.resources[POOLER].inputs.items() if UNKNOWN in json.dumps(value)
    }
    assert unknown == {"uploads"}
    assert graph.outputs["pooler"] == "postgresql://127.0.0.1:9999/postgres"


def test_a_role_that_pgpool_cannot_take_is_refused(
    run_in_containers: Callable[..., Graph], checkout: Path
) -> None:
    shutil.copytree(checkout / "sql" / "ads", checkout / "sql" / "a:b")
    with pytest.raises(ConfigError, match="'a:b' can't log in through Pgpool-II"):
        run_in_containers(pooler="true", schemas='{"a:b": {}}')
