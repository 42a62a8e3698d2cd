"""The ping service at its limits: of time, and of pings at once."""

from __future__ import annotations

import os
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.live.services.conftest import REPORT, PingScript
from tests.live.services.every_service import ping

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from tests.live.services.postgres import Server

pytestmark = pytest.mark.live


def test_a_slow_ping_is_asked_for_its_report(
    ping_client: FlaskClient, server: Server, ping_script: PingScript
) -> None:
    """As the real one does on Ctrl-C, where nobody answers."""
    ping_script(f"trap 'echo {REPORT}; kill $!; exit 1' INT\necho PING\nsleep 60 & wait")
    start = time.monotonic()
    response = ping(ping_client)
    assert time.monotonic() - start >= 1  # it had its time
    assert (response.status_code, response.json) == (
        200,
        {"host": "localhost", "result": f"PING\n{REPORT}\n"},
    )
    assert len(server.rows("ping")) == 1


def test_a_ping_that_does_not_end_is_killed_with_its_children(
    ping_client: FlaskClient, server: Server, ping_script: PingScript, tmp_path: Path
) -> None:
    ping_script(f"trap '' INT\nsleep 60 &\necho $$ $! > {tmp_path}/pids\nwait")
    start = time.monotonic()
    response = ping(ping_client)
    assert time.monotonic() - start >= 2  # its time, and some for its report
    assert response.status_code == 504
    assert response.json == {"error": "the name of the host can't be found out in time"}
    assert server.rows("ping") == []
    for pid in (tmp_path / "pids").read_text().split():
        assert not _runs(int(pid))


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return " Z " not in Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")


def test_only_so_many_ping_at_once(
    ping_client: FlaskClient, server: Server, ping_script: PingScript
) -> None:
    """The others are told at once; nobody's ping holds a connection, of which there is one."""
    ping_script(f"sleep 0.7; echo {REPORT}")
    with ThreadPoolExecutor(6) as threads:
        answers = [threads.submit(ping, ping_client.application.test_client()) for _ in range(6)]
        time.sleep(0.2)
        start = time.monotonic()
        assert ping_client.get("/readyz").status_code == 200
        assert time.monotonic() - start < 0.3
        responses = [answer.result() for answer in answers]
    assert Counter(response.status_code for response in responses) == {200: 2, 503: 4}
    for response in responses:
        if response.status_code == 503:
            assert response.json == {"error": "too many pings at once"}
            assert response.headers["Retry-After"] == "3"
    assert len(server.rows("ping")) == 2
    assert ping(ping_client).status_code == 200


@pytest.mark.parametrize("script", ["exit 1", "sleep 5", f"echo {REPORT}"])
def test_each_ping_gives_back_its_place(
    ping_client: FlaskClient, ping_script: PingScript, script: str
) -> None:
    ping_script(script)
    assert 503 not in [ping(ping_client).status_code for _ in range(3)]
