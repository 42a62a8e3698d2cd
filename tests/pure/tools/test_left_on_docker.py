"""What a killed run has begun on an engine is removed by its name, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.pure.platforms.docker.fake_engine import FakeEngine
from tools.cli import left_on_docker
from tools.cli.failure import ToolError
from tools.cli.left_on_docker import Begun

pytestmark = pytest.mark.pure

CONTAINER = "docker:index/container:Container"
NETWORK = "docker:index/network:Network"
VOLUME = "docker:index/volume:Volume"


def operation(kind: str, name: str | None, doing: str = "creating") -> dict[str, Any]:
    inputs = {} if name is None else {"name": name}
    return {"type": doing, "resource": {"type": kind, "inputs": inputs}}


def test_begun_containers_and_networks_are_found_the_containers_first() -> None:
    deployment = {
        "pending_operations": [
            operation(NETWORK, "citus-try"),
            operation(CONTAINER, "citus-try-worker-0"),
        ]
    }
    assert left_on_docker.begun(deployment) == [
        Begun(CONTAINER, "citus-try-worker-0"),
        Begun(NETWORK, "citus-try"),
    ]


@pytest.mark.parametrize(
    "left",
    [
        operation(VOLUME, "citus-try-worker-0"),  # holds data, and is taken up by its name
        operation(CONTAINER, "citus-try-worker-0", doing="updating"),
        operation(CONTAINER, "citus-try-worker-0", doing="deleting"),
        operation(CONTAINER, None),
        operation("pulumi-python:dynamic/citus:Role", "user_service"),
    ],
)
def test_nothing_else_is_removed(left: dict[str, Any]) -> None:
    assert left_on_docker.begun({"pending_operations": [left]}) == []
    assert left_on_docker.begun({}) == []


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    """Give an engine on a socket."""
    return FakeEngine.start(tmp_path / "docker.sock", monkeypatch)


def test_a_container_is_stopped_and_removed_once_it_has_made_its_data(engine: FakeEngine) -> None:
    engine.containers["citus-try-worker-0"] = ["starting", "healthy"]
    left_on_docker.remove([Begun(CONTAINER, "citus-try-worker-0"), Begun(NETWORK, "citus-try")])
    assert engine.containers["citus-try-worker-0"] == ["healthy"]  # it was waited for
    assert engine.asked == [
        "POST /containers/citus-try-worker-0/stop?t=60",
        "DELETE /containers/citus-try-worker-0?force=true&v=true",
        "DELETE /networks/citus-try",
    ]


def test_what_cannot_be_removed_is_said_in_a_sentence(engine: FakeEngine) -> None:
    engine.refuses = "network citus-try has active endpoints"
    with pytest.raises(ToolError) as refused:
        left_on_docker.remove([Begun(NETWORK, "citus-try")])
    assert str(refused.value).startswith("citus-try, which a killed run has begun, stays: ")
    assert str(refused.value).endswith("has active endpoints")


def test_with_nothing_begun_no_engine_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere.sock")
    left_on_docker.remove([])
