from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from citus.platforms.local import ports

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.pure

HOST = "127.0.0.1"


@pytest.fixture
def port() -> Iterator[int]:
    """A port that this process listens on."""
    with socket.create_server((HOST, 0)) as listener:
        yield int(listener.getsockname()[1])


def test_a_port_is_free_until_somebody_listens() -> None:
    with socket.create_server((HOST, 0)) as listener:
        port = listener.getsockname()[1]
        assert not ports.is_free(HOST, port)
    assert ports.is_free(HOST, port)


def test_asking_twice_takes_nothing() -> None:
    with socket.create_server((HOST, 0)) as listener:
        port = listener.getsockname()[1]
    assert ports.is_free(HOST, port)
    assert ports.is_free(HOST, port)


def test_a_port_just_left_by_a_connection_is_free(port: int) -> None:
    """Else a restart would have to wait a minute for each closed connection."""
    with socket.create_server((HOST, 0)) as server:
        left = server.getsockname()[1]
        client = socket.create_connection((HOST, left))
        accepted, _ = server.accept()
        accepted.close()
        client.close()
    assert ports.is_free(HOST, left)
    assert port != left


def test_a_taken_port_says_by_which_process(port: int) -> None:
    process = psutil.Process()
    by = f"by {process.name()} (process {process.pid})"
    assert ports.refusal("worker-0", port, "basePort") == (
        f"the port {port} of worker-0 is in use {by}: stop that, or choose other ports for a stack "
        f"that is new, for instance `bin/pulumi config set basePort {port + 1000}`"
    )


@pytest.mark.parametrize("error", [psutil.AccessDenied(), psutil.NoSuchProcess(1)])
def test_where_the_system_does_not_tell_it_says_so(
    port: int, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr(psutil, "net_connections", fail)
    assert ports.listener(port) is None
    assert "is in use by another process: stop that" in ports.refusal("x", port, "basePort")


def test_a_process_that_ends_meanwhile_is_another_one(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_self: psutil.Process) -> str:
        raise psutil.NoSuchProcess(1)

    monkeypatch.setattr(psutil.Process, "name", gone)
    assert "by another process" in ports.refusal("x", port, "basePort")


def test_nobody_listens_on_a_free_port() -> None:
    with socket.create_server((HOST, 0)) as listener:
        port = listener.getsockname()[1]
    assert ports.listener(port) is None


def test_a_line_to_paste_names_a_port_that_there_is() -> None:
    port = ports.refusal("x", 65000, "basePort").split("config set basePort ")[1].rstrip("`")
    assert int(port) <= 65535
