"""What a process is that goes one of the ways: what it loads, and how it ends."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pulumi.runtime.sync_await import _sync_await

from citus.endpoint import Endpoint
from tests.live.routes.conftest import POD
from tests.live.routes.fake_api import FakeApi
from tools.cli.failure import ToolError
from tools.stack import psql

pytestmark = [pytest.mark.live, pytest.mark.one_engine]

ROOT = Path(__file__).parents[3]


def python(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def url_of(endpoint: Endpoint) -> str:
    return str(_sync_await(endpoint.url.future()))


def test_a_direct_way_loads_no_client_of_kubernetes() -> None:
    ended = python(
        "import sys\n"
        "from citus.database import connections\n"
        "from citus.endpoint import Endpoint\n"
        "connections.WAYS.keywords(Endpoint('h', 1, 'd', 'u', 'p'))\n"
        "print({'kubernetes', 'aiohttp'} & set(sys.modules))"
    )
    assert (ended.stdout, ended.stderr) == ("set()\n", "")


def test_a_process_ends_with_a_session_open(endpoint: Endpoint, api: FakeApi) -> None:
    began = time.monotonic()
    ended = python(
        "from citus.database.executor import connect\n"
        "from citus.endpoint import Endpoint\n"
        f"endpoint = Endpoint(**{dataclasses.asdict(endpoint)})\n"
        "session = connect(endpoint)\n"
        "print(session.__enter__().rows('SELECT 7'))"
    )
    assert (ended.stdout, ended.stderr, ended.returncode) == ("[(7,)]\n", "", 0)
    assert time.monotonic() - began < 10
    deadline = time.monotonic() + 5
    while api.tunnels and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not api.tunnels


def test_psql_comes_through(endpoint: Endpoint, capfd: pytest.CaptureFixture[str]) -> None:
    through = (endpoint.route, "", url_of(endpoint))
    assert psql.run_through(*through, "-XAt -c 'SELECT 7'") == 0
    assert psql.run_through(*through, "-XAt -c 'SELECT 8'") == 0
    assert capfd.readouterr() == ("7\n8\n", "")


def test_psql_does_not_come_through(
    endpoint: Endpoint, api: FakeApi, capfd: pytest.CaptureFixture[str]
) -> None:
    api.pods.clear()
    assert psql.run_through(endpoint.route, "", url_of(endpoint), "-c 'SELECT 7'") == 2
    assert capfd.readouterr().err.endswith(
        f'error: kubernetes:{POD}: pods "coordinator-0" not found\n'
    )


def test_psql_of_an_unknown_cluster(endpoint: Endpoint) -> None:
    with pytest.raises(ToolError, match="has no context 'nowhere'"):
        psql.run_through(endpoint.route, "nowhere", url_of(endpoint), "-c 'SELECT 7'")
