"""The ping service in this process: the real ping, and scripts in its place."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from services.ping.app import create_app
from services.runtime.settings import Settings
from tests.live.services.conftest import REPORT, PingScript
from tests.live.services.every_service import ping

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

    from tests.live.services.postgres import Server

pytestmark = pytest.mark.live

STORED = "host, result"


def can_ping(address: str) -> bool:
    """Whether this machine can do so, asked of its ping alone."""
    program = shutil.which("ping")
    return (
        program is not None
        and subprocess.run(
            [program, "-c", "1", address], check=False, capture_output=True
        ).returncode
        == 0
    )


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_four_pings_as_in_the_tutorial(server: Server, host: str) -> None:
    if not can_ping(host):
        pytest.skip(f"this machine can't ping {host}")
    app = create_app(Settings.from_environment(server.environ("ping")))
    response = ping(app.test_client(), host)
    app.extensions["pool"].close()
    assert (response.status_code, list(response.json or ())) == (200, ["host", "result"])
    result = response.json["result"]  # type: ignore[index]
    assert response.json["host"] == host  # type: ignore[index]
    assert result.startswith("PING ")
    assert result.count("64 bytes from ") == 4
    assert "4 packets transmitted, 4 " in result
    assert result.endswith(" ms\n")
    assert server.rows("ping", STORED) == [(host, result)]


def test_pings_own_words_are_told_and_stored(
    ping_client: FlaskClient, server: Server, ping_script: PingScript
) -> None:
    """Also where nobody answered, and what looks like SQL or isn't UTF-8."""
    ping_script(f"echo \"it's 100%s \\\\\"; printf '\\377\\n'; echo 0 {REPORT}; exit 1")
    response = ping(ping_client)
    assert response.status_code == 200
    assert response.json == {
        "host": "localhost",
        "result": f"it's 100%s \\\n\ufffd\n0 {REPORT}\n",
    }
    assert server.rows("ping", STORED) == [("localhost", response.json["result"])]


def test_ping_gets_the_host_as_its_last_argument_and_little_else(
    ping_client: FlaskClient, ping_script: PingScript
) -> None:
    ping_script(f'printf "<%s>" "$@"; echo; env; echo {REPORT}')
    lines = ping(ping_client, "example.org").json["result"].splitlines()  # type: ignore[index]
    assert lines[0] == "<-n><-c><4><--><example.org>"
    # PWD and the like are the shell's own.
    names = {line.partition("=")[0] for line in lines[1:-1]} - {"PWD", "OLDPWD", "SHLVL", "_"}
    assert names == {"PATH", "LC_ALL"}
    assert "LC_ALL=C" in lines


def test_an_unknown_host_is_the_clients_to_mend(
    ping_client: FlaskClient, server: Server, ping_script: PingScript
) -> None:
    ping_script("echo 'ping: nosuch.invalid: Name or service not known' >&2; exit 2")
    response = ping(ping_client, "nosuch.invalid")
    assert response.status_code == 422
    assert response.json == {"error": "host: nosuch.invalid: Name or service not known"}
    assert server.rows("ping") == []


def test_an_unknown_host_by_the_real_ping(ping_client: FlaskClient, server: Server) -> None:
    """Which of these it is depends on the machine's name servers."""
    if not can_ping("127.0.0.1"):
        pytest.skip("this machine can't ping")
    assert ping(ping_client, "nosuch.invalid").status_code in (422, 503, 504)
    assert server.rows("ping") == []


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        (
            "echo 'ping: socket: Operation not permitted' >&2; exit 2",
            "ping is not permitted here: socket: Operation not permitted",
        ),
        (
            "echo 'ping: example.org: Temporary failure in name resolution' >&2; exit 2",
            "no name can be found out now: example.org: Temporary failure in name resolution",
        ),
    ],
    ids=["denied", "no name server"],
)
def test_where_ping_cannot_ping_is_a_503(  # noqa: PLR0917
    ping_client: FlaskClient,
    server: Server,
    ping_script: PingScript,
    caplog: pytest.LogCaptureFixture,
    script: str,
    sentence: str,
) -> None:
    ping_script(script)
    response = ping(ping_client)
    assert (response.status_code, response.json) == (503, {"error": sentence})
    assert response.headers["Retry-After"] == "60"
    assert sentence in caplog.text
    assert server.rows("ping") == []


def test_no_ping_is_a_503(
    ping_client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    response = ping(ping_client)
    assert (response.status_code, response.json) == (503, {"error": "ping is not installed here"})


@pytest.mark.parametrize(
    ("content", "mode", "sentence"),
    [
        ("#!/bin/sh\n", 0o644, "ping is not permitted here"),
        ("no program", 0o755, "ping doesn't start here: Exec format error"),
        ("#!/absent\n", 0o755, "ping is not installed here"),
    ],
    ids=["not executable", "no program", "no interpreter"],
)
def test_a_ping_that_cannot_start_is_a_503(  # noqa: PLR0917
    ping_client: FlaskClient,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    content: str,
    mode: int,
    sentence: str,
) -> None:
    (tmp_path / "ping").write_text(content, encoding="utf-8")
    (tmp_path / "ping").chmod(mode)
    monkeypatch.setenv("PATH", str(tmp_path))
    response = ping(ping_client)
    assert (response.status_code, response.json) == (503, {"error": sentence})


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        ({"json": {"host": "a; id"}}, 400, "host: neither a name"),
        ({"json": {"host": "-f"}}, 400, "host: neither a name"),
        ({"json": {}}, 400, "host: missing"),
        ({"data": b"{", "content_type": "application/json"}, 400, "body: not JSON"),
        ({"data": b"host=a"}, 415, "send Content-Type: application/json"),
    ],
)
def test_a_bad_post_pings_nobody(  # noqa: PLR0917
    ping_client: FlaskClient,
    server: Server,
    ping_script: PingScript,
    tmp_path: Path,
    body: dict[str, object],
    status: int,
    sentence: str,
) -> None:
    ping_script(f"touch {tmp_path}/pinged; echo {REPORT}")
    response = ping_client.post("/ping", **body)
    assert response.status_code == status
    assert (response.json or {})["error"].startswith(sentence)
    assert not (tmp_path / "pinged").exists()
    assert server.rows("ping") == []


def test_a_report_that_cannot_be_stored_is_not_told(
    ping_client: FlaskClient, server: Server, ping_script: PingScript
) -> None:
    ping_script(f"echo {REPORT}")
    server.stop()
    response = ping(ping_client)
    assert (response.status_code, response.json) == (503, {"error": "the database doesn't answer"})
