"""Sessions with a real database through a port-forward."""

from __future__ import annotations

import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psycopg
import pytest

from citus.database.errors import NotReachable, StatementFailed
from citus.database.executor import connect
from citus.database.statement import Statement
from citus.endpoint import Endpoint
from citus.routes import tunnel
from citus.routes.ways import WAYS
from tests.live.cluster import Cluster
from tests.live.routes.fake_api import FakeApi

pytestmark = [pytest.mark.live, pytest.mark.one_engine]

MEGABYTE = 2**20
Session = psycopg.Connection[tuple[object, ...]]


def log_in(endpoint: Endpoint) -> Session:
    return psycopg.connect(
        **WAYS.keywords(endpoint),  # type: ignore[arg-type]
        dbname=endpoint.database,
        user=endpoint.user,
        password=str(endpoint.password),
        application_name="through",
        autocommit=True,
    )


def sessions(cluster: Cluster) -> int:
    query = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'through'"
    return int(cluster.by_hand(query)[0][0])


def comes_true(holds: Callable[[], bool], *, within: float = 10) -> bool:
    deadline = time.monotonic() + within
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@contextmanager
def a_statement_that_runs(endpoint: Endpoint, cluster: Cluster) -> Iterator[list[Exception]]:
    """Run one that would take a minute; give what it failed by, known at the end."""
    failures: list[Exception] = []
    slow = f"SELECT pg_sleep(60) -- {uuid.uuid4()}"

    def run() -> None:
        try:
            with log_in(endpoint) as session:
                session.execute(slow.encode())
        except psycopg.Error as error:
            failures.append(error)

    running = threading.Thread(target=run)
    running.start()
    active = f"SELECT count(*) FROM pg_stat_activity WHERE query = '{slow}'"
    assert comes_true(lambda: cluster.by_hand(active) == [(1,)])
    yield failures
    running.join(10)
    assert not running.is_alive(), "the statement hangs"


def test_a_session_comes_through(endpoint: Endpoint, api: FakeApi) -> None:
    with connect(endpoint) as database:
        assert database.rows("SELECT 7") == [(7,)]
    assert api.headers[0]["authorization"] == "Bearer a-token"


def test_a_hundred_megabytes_come_through(endpoint: Endpoint) -> None:
    with log_in(endpoint) as session:
        cursor = session.execute("SELECT repeat('x', %s) FROM generate_series(1, 100)", (MEGABYTE,))
        assert sum(len(str(text)) for (text,) in cursor) == 100 * MEGABYTE


def test_a_hundred_megabytes_go_through(endpoint: Endpoint) -> None:
    with log_in(endpoint) as session:
        session.execute("CREATE TEMPORARY TABLE lines (line text)")
        with session.cursor().copy("COPY lines FROM STDIN") as copy:
            for _ in range(100):
                copy.write("y" * (MEGABYTE - 1) + "\n")
        counted = session.execute("SELECT count(*), sum(length(line)) FROM lines").fetchall()
    assert counted == [(100, 100 * (MEGABYTE - 1))]


def test_twenty_sessions_at_once(endpoint: Endpoint) -> None:
    together = threading.Barrier(20, timeout=30)

    def work(number: int) -> object:
        with log_in(endpoint) as session:
            together.wait()
            return session.execute("SELECT %s::int", (number,)).fetchall()

    with ThreadPoolExecutor(20) as pool:
        assert list(pool.map(work, range(20))) == [[(number,)] for number in range(20)]


def test_a_forward_ends_with_its_session(
    endpoint: Endpoint, api: FakeApi, cluster: Cluster
) -> None:
    session = log_in(endpoint)
    assert (sessions(cluster), api.tunnels) == (1, 1)
    session.close()
    assert comes_true(lambda: not api.tunnels)
    assert comes_true(lambda: sessions(cluster) == 0)


def test_a_session_ends_with_a_client_that_says_nothing(
    endpoint: Endpoint, api: FakeApi, cluster: Cluster
) -> None:
    """As when psql is killed in a transaction: nobody would ever end it."""
    session = log_in(endpoint)
    session.execute("BEGIN")
    with socket.socket(fileno=session.fileno()) as killed:
        killed.shutdown(socket.SHUT_RDWR)
    assert comes_true(lambda: sessions(cluster) == 0)
    assert comes_true(lambda: not api.tunnels)
    session.close()


def test_an_api_that_dies_ends_the_statement_that_runs(
    endpoint: Endpoint, api: FakeApi, cluster: Cluster
) -> None:
    with a_statement_that_runs(endpoint, cluster) as failures:
        api.cut()
    assert "closed the connection" in str(failures)
    with log_in(endpoint) as session:
        assert session.execute("SELECT 7").fetchall() == [(7,)]


def test_an_api_that_falls_silent_ends_the_statement_that_runs(
    endpoint: Endpoint, api: FakeApi, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tunnel, "_PING_SECONDS", 0.1)
    monkeypatch.setattr(tunnel, "_SILENCE_SECONDS", 1)
    began = time.monotonic()
    with a_statement_that_runs(endpoint, cluster) as failures:
        time.sleep(2)
        assert not failures, "it was heard until now"
        api.fall_silent()
    assert "closed the connection" in str(failures)
    assert "has not answered for 1 s" in str(WAYS.failure(endpoint, since=began))


def test_a_pod_that_starts_again_is_reached_again(endpoint: Endpoint, cluster: Cluster) -> None:
    server = cluster.servers["coordinator"]
    with a_statement_that_runs(endpoint, cluster) as failures:
        server.stop()
    assert "terminating connection due to administrator command" in str(failures)
    with pytest.raises(NotReachable, match="connection refused: nothing listens there"):
        connect(endpoint, patience=0).__enter__()
    threading.Timer(1, server.start).start()
    with connect(endpoint) as database:
        assert database.rows("SELECT 7") == [(7,)]


def test_a_plan_says_that_its_server_was_lost(endpoint: Endpoint, api: FakeApi) -> None:
    slow = Statement("SELECT pg_sleep(60)", why="it sleeps")
    threading.Timer(1, api.cut).start()
    with (
        pytest.raises(StatementFailed, match="does not answer or has stopped"),
        connect(endpoint) as database,
    ):
        database.run([slow], "a test")
