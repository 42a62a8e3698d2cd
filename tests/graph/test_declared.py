"""Schemas and services that a stack declares by its configuration alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from citus.errors import CitusError, ConfigError
from tests.graph.program import is_secret

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.graph.program import Graph

pytestmark = pytest.mark.graph

SCHEMAS = {
    "user_service": {
        "how": "setting",
        "node": "worker-2",
        "connectionLimit": 10,
        "onDelete": "drop",
    },
    "ping_service": {"distributed": False},
    "ads": {"onDelete": "undistribute"},
}


@pytest.fixture(scope="module")
def graph(run: Callable[..., Graph]) -> Graph:
    return run(schemas=json.dumps(SCHEMAS))


def schema(graph: Graph, name: str) -> dict[str, Any]:
    """Give the inputs that are no default, without the endpoint and the provider."""
    inputs = graph.resources[f"Schema {name}"].inputs
    left_out = {"endpoint", "__provider", "colocation_id", "changed_at"}
    return {key: value for key, value in inputs.items() if key not in left_out}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "user_service",
            {"distributed": True, "how": "setting", "node": "127.0.0.1:15435", "on_delete": "drop"},
        ),
        ("time_service", {"distributed": True}),
        ("ping_service", {"distributed": False}),
        ("ads", {"distributed": True, "on_delete": "undistribute"}),
    ],
)
def test_a_schema_is_as_declared(graph: Graph, name: str, expected: dict[str, Any]) -> None:
    assert schema(graph, name) == {"name": name, "owner": name, **expected}


@pytest.mark.parametrize(
    ("name", "limit", "policy"),
    [("user_service", 10, "drop"), ("time_service", None, None), ("ads", None, None)],
    ids=["dropped with its schema", "default", "kept where its schema is undistributed"],
)
def test_a_role_follows_its_schema(
    graph: Graph, name: str, limit: int | None, policy: str | None
) -> None:
    inputs = graph.resources[f"Role {name}"].inputs
    assert inputs["connection_limit"] == (-1 if limit is None else limit)
    assert inputs.get("on_delete") == policy


def test_a_schema_beside_the_services_has_all_but_a_service(graph: Graph) -> None:
    for kind in ("OwnedSchema", "Password", "Role", "Schema", "Migrations"):
        assert "ads" in graph.of_kind(kind)
    assert sorted(graph.of_kind("Microservice")) == ["ping", "time", "user"]
    assert is_secret(graph.outputs["databaseUrls"]["ads"])


def test_migrations_are_those_of_the_schemas_folder(graph: Graph) -> None:
    for name in ("user_service", "ads"):
        inputs = graph.resources[f"Migrations {name}"].inputs
        assert (inputs["schema"], inputs["owner"], inputs["folder"]) == (name, name, f"sql/{name}")
        assert inputs["files"]


def test_services_are_as_declared_with_ports_in_their_order(run: Callable[..., Graph]) -> None:
    graph = run(services='["time", "user"]')
    assert graph.outputs["services"] == {
        "time": "http://127.0.0.1:6000",
        "user": "http://127.0.0.1:6001",
    }
    assert sorted(graph.of_kind("ServiceProcess")) == ["time", "user"]
    assert [s["name"] for s in graph.outputs["schemas"]] == ["time_service", "user_service"]
    assert "ping_service" not in graph.of_kind("Schema")


def test_a_stack_needs_no_service(run: Callable[..., Graph]) -> None:
    graph = run(services="[]")
    assert graph.outputs["services"] == {}
    assert graph.outputs["schemas"] == []
    assert list(graph.resources["Placements placements"].inputs["after"]) == [
        "Membership membership"
    ]


@pytest.mark.parametrize("name", ["user", "time", "ping"])
def test_a_service_logs_in_as_the_owner_of_its_schema(up: Graph, name: str) -> None:
    environment = up.resources[f"ServiceProcess {name}"].inputs["environment"]
    assert environment["DATABASE_USER"] == f"{name}_service"
    assert environment["DATABASE_PORT"] == "15432"


def test_a_service_without_a_program_is_refused_in_a_sentence(run: Callable[..., Graph]) -> None:
    with pytest.raises(ConfigError) as refused:
        run(services='["user", "moon"]')
    assert "moon" in str(refused.value)
    assert "services/moon/app.py" in str(refused.value)
    assert "\n" not in str(refused.value).strip()


def test_a_schema_without_files_is_refused_in_a_sentence(run: Callable[..., Graph]) -> None:
    with pytest.raises(CitusError, match="sql/nowhere"):
        run(schemas='{"nowhere": {}}')
