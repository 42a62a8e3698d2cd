"""An engine is asked for where `DOCKER_HOST` says; what doesn't answer is told in a sentence."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from citus.errors import ConfigError
from citus.platforms.docker import engine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.pure


@pytest.fixture
def listening_socket(tmp_path: Path) -> Iterator[str]:
    path = tmp_path / "docker.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        yield f"unix://{path}"


@pytest.fixture
def listening_port() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"tcp://127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def left_socket(tmp_path: Path) -> str:
    """A socket's file whose engine has ended."""
    path = tmp_path / "left.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
    return f"unix://{path}"


@pytest.fixture
def left_port() -> str:
    """A port that nobody listens on any more."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    return f"tcp://127.0.0.1:{port}"


@pytest.fixture
def no_socket(tmp_path: Path) -> str:
    return f"unix://{tmp_path}/no.sock"


def refusal(where: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DOCKER_HOST", where)
    with pytest.raises(ConfigError) as refused:
        engine.check("trial")
    return str(refused.value)


@pytest.mark.parametrize("where", ["listening_socket", "listening_port"])
def test_an_engine_that_listens_is_taken(
    where: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setenv("DOCKER_HOST", request.getfixturevalue(where))
    engine.check("trial")


@pytest.mark.parametrize(
    ("where", "why"),
    [
        ("no_socket", "No such file or directory"),
        ("left_socket", "Connection refused"),
        ("left_port", "Connection refused"),
    ],
)
def test_what_does_not_answer_is_refused_in_one_sentence(
    where: str, why: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    place = request.getfixturevalue(where)
    assert refusal(place, monkeypatch) == (
        f"Pulumi.trial.yaml: citus:platform is docker, but no Docker engine answers at {place} "
        f"({why}): start it, or name another by DOCKER_HOST"
    )


def test_what_is_no_port_is_refused_in_a_sentence_too(monkeypatch: pytest.MonkeyPatch) -> None:
    said = refusal("tcp://127.0.0.1:many", monkeypatch)
    assert "no Docker engine answers at tcp://127.0.0.1:many (" in said
    assert "\n" not in said


def test_what_is_reached_by_ssh_is_left_to_the_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "ssh://nobody@host.invalid")
    engine.check("trial")


@pytest.mark.parametrize("host", [None, ""], ids=["unset", "empty"])
def test_without_docker_host_it_is_the_usual_socket(
    host: str | None, no_socket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_DEFAULT", no_socket)
    if host is None:
        monkeypatch.delenv("DOCKER_HOST", raising=False)
    else:
        monkeypatch.setenv("DOCKER_HOST", host)
    with pytest.raises(ConfigError, match=f"answers at {no_socket}"):
        engine.check("trial")
