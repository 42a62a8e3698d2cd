"""What a killed run has begun on an engine is removed by its name, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

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


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a `docker` on PATH that writes down what it is asked, and answers from a file."""
    asked = tmp_path / "asked"
    script = tmp_path / "docker"
    script.write_text(
        f'#!/bin/sh\necho "$@" >> {asked}\n'
        f"[ -e {tmp_path}/says ] || exit 0\ncat {tmp_path}/says >&2\nexit 1\n"
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path


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


def test_they_are_removed_by_their_names(engine: Path) -> None:
    left_on_docker.remove([Begun(CONTAINER, "citus-try-worker-0"), Begun(NETWORK, "citus-try")])
    assert (engine / "asked").read_text().splitlines() == [
        "rm --force --volumes citus-try-worker-0",
        "network rm citus-try",
    ]


@pytest.mark.parametrize(
    "says", ["Error: No such container: citus-try-worker-0", "network citus-try not found"]
)
def test_what_is_not_there_is_fine(engine: Path, says: str) -> None:
    (engine / "says").write_text(says)
    left_on_docker.remove([Begun(CONTAINER, "citus-try-worker-0")])


def test_what_cannot_be_removed_is_said_with_the_command(engine: Path) -> None:
    (engine / "says").write_text("permission denied")
    with pytest.raises(ToolError) as refused:
        left_on_docker.remove([Begun(CONTAINER, "citus-try-worker-0")])
    assert str(refused.value) == (
        "a killed run has begun citus-try-worker-0, which is in the way: "
        "docker rm --force --volumes citus-try-worker-0 (permission denied)"
    )


def test_without_the_command_it_is_said_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ToolError, match="there is no docker command here"):
        left_on_docker.remove([Begun(NETWORK, "citus-try")])
