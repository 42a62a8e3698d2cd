"""Registries that ask for a login get it from every pod, and nobody else reads it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.graph.kubernetes.objects import objects, pods, registered, secret_files
from tests.graph.program import without_secrets

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.graph.program import Graph

pytestmark = pytest.mark.graph

LOGIN = "dXNlcjpwYXNzd29yZA=="
LOGINS = {"auths": {"registry.example.com": {"auth": LOGIN}}}
FILE = json.dumps({**LOGINS, "credsStore": "desktop", "HttpHeaders": {"X": "1"}})


@pytest.fixture(scope="module")
def with_login(run_in_kubernetes: Callable[..., Graph]) -> Graph:
    return run_in_kubernetes(pooler="true", adminConsole="true", secrets={"imagePullSecret": FILE})


def test_every_pod_shows_it(with_login: Graph) -> None:
    shown = {n: given["spec"].get("imagePullSecrets") for n, given in pods(with_login).items()}
    assert shown == {name: [{"name": "registry.logins"}] for name in pods(with_login)}


def test_it_is_there_before_every_pod_with_the_logins_alone(with_login: Graph) -> None:
    secret = objects(with_login)["Secret registry.logins"]
    assert secret["type"] == "kubernetes.io/dockerconfigjson"
    files = secret_files(with_login, "registry.logins")
    assert {name: json.loads(text) for name, text in files.items()} == {".dockerconfigjson": LOGINS}
    for key in objects(with_login):
        if key.split()[0] in ("StatefulSet", "Deployment"):
            assert "Secret registry.logins" in with_login.reachable(key)


def test_nobody_reads_it_in_plain_text(with_login: Graph) -> None:
    for resource in registered(with_login):
        assert LOGIN not in json.dumps(without_secrets(resource.inputs), default=str)


def test_without_one_no_pod_names_any(up: Graph) -> None:
    assert "Secret registry.logins" not in objects(up)
    assert not any("imagePullSecrets" in given["spec"] for given in pods(up).values())
