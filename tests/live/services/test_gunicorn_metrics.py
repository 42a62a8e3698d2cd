"""What Prometheus reads of a service with several processes."""

from __future__ import annotations

import signal
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families

from citus.process import ends_within
from tests.live.services import every_service
from tests.live.services.every_service import ANSWERS, CALLS
from tests.live.services.gunicorn_process import Gunicorn
from tests.live.services.load import Load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.live.services.conftest import PingScript
    from tests.live.services.postgres import Server

pytestmark = pytest.mark.live


@pytest.fixture
def gunicorn(server: Server, tmp_path: Path) -> Iterator[Gunicorn]:
    """Give the user service, with a folder of its own for temporary files."""
    (tmp_path / "temporary").mkdir()
    environ = {**server.environ(), "TMPDIR": str(tmp_path / "temporary")}
    with Gunicorn(environ) as process:
        process.wait_until_up()
        yield process


def sample(gunicorn: Gunicorn, name: str, **labels: str) -> float:
    """Give the sum of the series of *name* that have *labels*."""
    answer = gunicorn.request("GET", "/metrics")
    assert answer.status == 200
    return sum(
        sample.value
        for family in text_string_to_metric_families(answer.json)
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )


def workers(gunicorn: Gunicorn) -> list[psutil.Process]:
    return psutil.Process(gunicorn.process.pid).children()


def test_all_processes_are_counted_together(gunicorn: Gunicorn) -> None:
    """Whoever is asked; and both worked, else this would show nothing."""
    load = Load(gunicorn.port, CALLS["user"], clients=16, seconds=1)
    load.wait()
    assert load.seen.keys() == {201}
    series = {"method": "POST", "route": "/users"}
    # A request is counted when its answer has been sent: the last one a moment later.
    time.sleep(0.2)
    for _ in range(8):
        assert sample(gunicorn, "http_requests_total", **series, status="201") == load.seen[201]
    count = sample(gunicorn, "http_request_duration_seconds_count", **series)
    assert count == load.seen[201]
    assert 0 < sample(gunicorn, "http_request_duration_seconds_sum", **series) < 16 * 2
    busy = {line["process"] for line in gunicorn.log() if line.get("path") == "/users"}
    assert busy == {worker.pid for worker in workers(gunicorn)}
    assert len(busy) == 2


def test_the_pools_are_added_up(gunicorn: Gunicorn) -> None:
    Load(gunicorn.port, CALLS["user"], clients=16, seconds=1).wait()
    time.sleep(1.5)  # each process tells of its pool once a second
    assert sample(gunicorn, "database_pool_max") == 16
    size = sample(gunicorn, "database_pool_size")
    assert 2 < size <= 16
    assert sample(gunicorn, "database_pool_available") == size
    assert sample(gunicorn, "database_pool_waiting") == 0
    answered = sample(gunicorn, "http_requests_total", route="/users")
    assert sample(gunicorn, "database_pool_lent_total") >= answered


def test_a_database_that_is_away_shows(gunicorn: Gunicorn, server: Server) -> None:
    server.stop()
    assert gunicorn.request("GET", "/users").status == 503
    time.sleep(1.5)
    assert sample(gunicorn, "http_requests_total", route="/users", status="503") == 1
    assert sample(gunicorn, "database_pool_errors_total") >= 1


def test_a_worker_that_dies_keeps_its_counts_and_loses_its_state(gunicorn: Gunicorn) -> None:
    Load(gunicorn.port, CALLS["user"], clients=16, seconds=1).wait()
    counted = sample(gunicorn, "http_requests_total", route="/users")
    dead = workers(gunicorn)[0]
    dead.kill()
    deadline = time.monotonic() + 10
    while len(workers(gunicorn)) < 2 or dead.pid in [w.pid for w in workers(gunicorn)]:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    gunicorn.wait_until_up()
    time.sleep(2)
    assert sample(gunicorn, "http_requests_total", route="/users") == counted
    assert sample(gunicorn, "database_pool_max") == 16


def test_a_process_that_has_written_nothing_yet_is_in_nobodys_way(
    gunicorn: Gunicorn, tmp_path: Path
) -> None:
    """Nor one that was killed before it could: it has left an empty file."""
    assert gunicorn.request("GET", "/users").status == 200
    [folder] = (tmp_path / "temporary").glob("metrics-*")
    for kind in ("counter", "histogram", "gauge_livesum"):
        (folder / f"{kind}_1.db").touch()
    time.sleep(0.2)  # a request is counted when its answer has been sent
    assert sample(gunicorn, "http_requests_total", route="/users") == 1
    assert sample(gunicorn, "database_pool_max") == 16


def test_their_folder_goes_with_the_service(gunicorn: Gunicorn, tmp_path: Path) -> None:
    [folder] = (tmp_path / "temporary").glob("metrics-*")
    assert any(folder.iterdir())
    assert folder.stat().st_mode & 0o777 == 0o700
    gunicorn.process.send_signal(signal.SIGTERM)
    assert gunicorn.process.wait(10) == 0
    assert not any((tmp_path / "temporary").iterdir())


def test_their_folder_goes_with_a_master_that_is_killed(gunicorn: Gunicorn, tmp_path: Path) -> None:
    orphans = workers(gunicorn)
    gunicorn.process.kill()
    assert ends_within(15, *orphans)
    assert not any((tmp_path / "temporary").iterdir())


def test_a_start_that_fails_leaves_no_folder(server: Server, tmp_path: Path) -> None:
    environ = {**server.environ(), "TMPDIR": str(tmp_path)}
    taken = socket.create_server(("127.0.0.1", 0))
    with taken, Gunicorn(environ, port=taken.getsockname()[1]) as gunicorn:
        assert gunicorn.process.wait(20) == 1
        assert "Connection in use" in gunicorn.stderr()
    assert not list(tmp_path.glob("metrics-*"))


@pytest.mark.parametrize("service", every_service.CALLS)
def test_each_service_has_the_same_addresses_beside_its_own(
    server: Server, ping_script: PingScript, service: str
) -> None:
    ping_script("echo 4 packets transmitted")
    with Gunicorn(server.environ(service), service) as gunicorn:
        gunicorn.wait_until_up()
        method, path, body = CALLS[service]
        assert gunicorn.request(method, path, body).status == ANSWERS[service]
        assert gunicorn.request("GET", "/healthz").json == {"status": "up"}
        assert gunicorn.request("GET", "/readyz").json == {"status": "ready"}
        assert sample(gunicorn, "http_requests_total", method=method, route=path) == 1
        assert len(server.rows(service)) == len(body if isinstance(body, list) else [body])
