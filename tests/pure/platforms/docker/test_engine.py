"""An engine is asked for where `DOCKER_HOST` says; what doesn't answer is told in a sentence."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from citus.errors import ConfigError
from citus.platforms.docker import engine
from tests.pure.platforms.docker.fake_engine import FakeEngine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.pure


@pytest.fixture
def silent_socket(tmp_path: Path) -> Iterator[str]:
    """A socket that takes everything and answers nothing."""
    path = tmp_path / "silent.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        yield f"unix://{path}"


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


def test_an_engine_that_answers_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    FakeEngine.start(tmp_path / "docker.sock", monkeypatch)
    engine.check("trial")


@pytest.mark.parametrize(
    ("where", "why"),
    [
        ("no_socket", "No such file or directory"),
        ("left_socket", "Connection refused"),
        ("left_port", "Connection refused"),
        ("silent_socket", "timed out"),
    ],
)
def test_what_does_not_answer_is_refused_in_one_sentence(
    where: str, why: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setattr(engine, "_SECONDS", 0.2)
    place = request.getfixturevalue(where)
    assert refusal(place, monkeypatch) == (
        f"Pulumi.trial.yaml: citus:platform is docker, but no Docker engine answers at {place} "
        f"({why}): start it, or name another of this machine by DOCKER_HOST"
    )


@pytest.mark.parametrize(
    "where", ["tcp://127.0.0.1:many", "tcp://[::1", "nonsense", "tcp://elsewhere:2375",
              "ssh://somebody@elsewhere"],
)  # fmt: skip
def test_what_is_no_engine_of_this_machine_is_refused_in_a_sentence_too(
    where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stack's ports are published on the engine's machine, and looked for on this one."""
    said = refusal(where, monkeypatch)
    assert f"no Docker engine answers at {where} (" in said
    assert "\n" not in said


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


def test_it_says_what_images_it_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    FakeEngine.start(tmp_path / "engine.sock", monkeypatch)
    assert engine.image_platform() == "linux/arm64"
