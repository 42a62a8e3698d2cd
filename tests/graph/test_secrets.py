"""No password stands in plain inputs or outputs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.graph.program import FOUND, Graph, is_secret, without_secrets

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.graph

SERVICES = ["user", "time", "ping"]
OWN = "the-users-own-password"


def plain(graph: Graph) -> str:
    inputs = {key: without_secrets(r.inputs) for key, r in graph.resources.items()}
    return json.dumps([inputs, without_secrets(graph.outputs)])


def test_no_generated_password_is_plain(up: Graph) -> None:
    assert FOUND["Password"]["result"] not in plain(up)
    assert FOUND["Password"]["result"] in json.dumps(up.outputs)


def test_no_password_of_the_user_is_plain(run: Callable[..., Graph]) -> None:
    graph = run(secrets={"passwords": json.dumps({"user_service": OWN, "postgres": OWN})})
    assert OWN not in plain(graph)
    for role in ("user_service", "postgres"):
        assert graph.resources[f"Password {role}"].inputs["value"]["value"] == OWN


def test_a_role_without_a_password_of_the_users_gets_none(run: Callable[..., Graph]) -> None:
    graph = run(secrets={"passwords": json.dumps({"postgres": OWN})})
    assert OWN not in json.dumps(graph.resources["Password user_service"].inputs)


@pytest.mark.parametrize("role", ["postgres", *(f"{name}_service" for name in SERVICES)])
def test_a_passwords_result_is_a_secret_output(up: Graph, role: str) -> None:
    assert up.resources[f"Password {role}"].secret_outputs == ("result",)


@pytest.mark.parametrize(
    "key",
    [f"Role {name}_service" for name in SERVICES] + [f"ServiceProcess {name}" for name in SERVICES],
)
def test_a_resource_gets_its_password_as_a_secret(up: Graph, key: str) -> None:
    assert is_secret(up.resources[key].inputs["password"])


@pytest.mark.parametrize(
    "kind", ["Extension", "Membership", "Role", "Schema", "Migrations", "Placements"]
)
def test_an_endpoint_shows_all_but_its_password(up: Graph, kind: str) -> None:
    assert up.of_kind(kind)
    for name in up.of_kind(kind):
        endpoint = up.resources[f"{kind} {name}"].inputs["endpoint"]
        assert is_secret(endpoint["password"])
        assert endpoint["host"] == "127.0.0.1"


def test_a_provider_is_no_secret(up: Graph) -> None:
    providers = [r.inputs["__provider"] for r in up.resources.values() if r.custom]
    assert providers
    assert not any(map(is_secret, providers))
