"""No password stands in an environment, a command or a plain input of a container."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.graph.docker.containers import NODES, SECRETS, SERVICES, environment, inputs
from tests.graph.program import FOUND, is_secret, without_secrets

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.graph.program import Graph

pytestmark = pytest.mark.graph

GENERATED = FOUND["Password"]["result"]
OWN = "the-users-own-password"
FILES = {
    **dict.fromkeys(NODES, "/run/secrets/postgres"),
    **{f"{name}-secret": f"/run/secrets/{name}_service" for name in SERVICES},
}


def plain(graph: Graph) -> str:
    found = {key: without_secrets(r.inputs) for key, r in graph.resources.items()}
    return json.dumps([found, without_secrets(graph.outputs)])


def test_no_generated_password_is_plain(up: Graph) -> None:
    assert GENERATED not in plain(up)


def test_no_password_of_the_user_is_plain(run: Callable[..., Graph]) -> None:
    own = {"user_service": OWN, "postgres": f"{OWN}-2"}
    graph = run(secrets={"passwords": json.dumps(own)})
    assert OWN not in plain(graph)
    for role, text in own.items():
        assert graph.resources[f"Password {role}"].inputs["value"]["value"] == text


@pytest.mark.parametrize(("name", "file"), FILES.items(), ids=FILES)
def test_a_password_is_a_file_among_uploads_that_are_secret_as_a_whole(
    up: Graph, name: str, file: str
) -> None:
    uploads = inputs(up, name)["uploads"]
    assert is_secret(uploads)
    assert [u["content"] for u in uploads["value"] if u["file"] == file] == [GENERATED]
    assert sum(GENERATED in u["content"] for u in uploads["value"]) == 1


def test_only_uploads_are_secret_so_that_a_preview_shows_the_rest(up: Graph) -> None:
    for name in up.of_kind("Container"):
        secret = {key for key, value in inputs(up, name).items() if is_secret(value)}
        assert secret == ({"uploads"} if name in FILES else set())


@pytest.mark.parametrize("name", [*NODES, *SERVICES])
def test_an_environment_names_the_file_and_nothing_of_the_password(up: Graph, name: str) -> None:
    found = environment(up, name)
    named = {key: value for key, value in found.items() if "PASSWORD" in key}
    assert [key.endswith("_FILE") for key in named] == [True]
    assert GENERATED not in json.dumps([found, inputs(up, name).get("command")])


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_takes_no_upload_itself(up: Graph, name: str) -> None:
    assert "uploads" not in inputs(up, name)
    assert f"{name}-secret" in SECRETS


@pytest.mark.parametrize("role", ["postgres", *(f"{name}_service" for name in SERVICES)])
def test_passwords_are_kept_beside_the_stack(up: Graph, role: str) -> None:
    assert up.resources[f"Password {role}"].inputs["file"] == f".local/dev/passwords/{role}"
