"""A Kubernetes API of each test's own, and the kubeconfig by which this machine knows it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from citus.database import connections
from citus.database.connections import IdleSessions
from citus.endpoint import Endpoint
from citus.routes.ways import WAYS
from tests.live.cluster import Cluster
from tests.live.routes.fake_api import FakeApi

POD = "citus-prod/coordinator-0"
PORT = 5432

WriteKubeconfig = Callable[..., None]


@pytest.fixture(autouse=True)
def _a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Begin and end without sessions and ways."""
    idle = IdleSessions()
    monkeypatch.setattr(connections, "IDLE", idle)
    yield
    idle.close()
    WAYS.close()
    WAYS.context = ""


@pytest.fixture
def write_kubeconfig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WriteKubeconfig:
    """Make this machine know a cluster as `kind` and the like do."""

    def write(cluster: dict[str, Any], user: dict[str, Any] | None = None) -> None:
        file = tmp_path / "kubeconfig"
        file.write_text(
            json.dumps(  # YAML, too
                {
                    "current-context": "here",
                    "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u"}}],
                    "clusters": [{"name": "c", "cluster": cluster}],
                    "users": [{"name": "u", "user": user or {"token": "a-token"}}],
                }
            )
        )
        monkeypatch.setenv("KUBECONFIG", str(file))

    return write


@pytest.fixture
def api(write_kubeconfig: WriteKubeconfig) -> Iterator[FakeApi]:
    api = FakeApi()
    write_kubeconfig({"server": api.url})
    yield api
    api.stop()


@pytest.fixture
def endpoint(api: FakeApi, cluster: Cluster) -> Endpoint:
    """Give the way through the API to the cluster's coordinator."""
    api.pods[POD] = {PORT: cluster.coordinator.address.port}
    return through(cluster.endpoint())


def through(direct: Endpoint) -> Endpoint:
    """Give an endpoint as it is on Kubernetes."""
    return Endpoint(
        "coordinator", PORT, direct.database, direct.user, direct.password, f"kubernetes:{POD}"
    )
