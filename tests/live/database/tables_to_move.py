"""A database of its own with tables on its workers, to see them move."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import tenacity
from psycopg import errors

from citus.database import connections
from citus.database.membership import MembershipSpec
from citus.endpoint import Node
from tests.live.database.place import Place, make_database

ROWS = 1000
TABLES = f"""
CREATE SCHEMA ads;
CREATE TABLE ads.companies (id bigint PRIMARY KEY, name text);
SELECT create_distributed_table('ads.companies', 'id', shard_count := 8);
CREATE TABLE ads.geo_ips (id bigint PRIMARY KEY);
SELECT create_reference_table('ads.geo_ips');
INSERT INTO ads.companies SELECT i, repeat('x', 900) FROM generate_series(1, {ROWS}) i;
INSERT INTO ads.geo_ips SELECT generate_series(1, 10);
CREATE SCHEMA alone;
CREATE TABLE alone.things (id bigint PRIMARY KEY);
SELECT citus_schema_distribute('alone');
INSERT INTO alone.things SELECT generate_series(1, 10)
"""
PLACED = """SELECT groupid, count(*)::int FROM pg_dist_placement JOIN pg_dist_shard USING (shardid)
    WHERE logicalrelid <> 'ads.geo_ips'::regclass GROUP BY 1 ORDER BY 1"""
_COUNTED = """SELECT (SELECT count(*) FROM ads.companies), (SELECT count(*) FROM ads.geo_ips),
    (SELECT count(*) FROM alone.things)"""


@contextmanager
def own_database(place: Place) -> Iterator[Place]:
    """Make a database for one test: a node that has left keeps what it had of it."""
    make_database(place.cluster, place.name)
    yield replace(place, database=place.name)
    connections.IDLE.close()
    for node in place.cluster.nodes:
        _drop(place, node)


@tenacity.retry(  # Citus' maintenance daemon comes back after a while
    retry=tenacity.retry_if_exception_type(errors.ObjectInUse),
    wait=tenacity.wait_fixed(0.5),
    stop=tenacity.stop_after_delay(30),
)
def _drop(place: Place, node: Node) -> None:
    place.cluster.by_hand(f"DROP DATABASE {place.name} WITH (FORCE)", node)


def made_anew(place: Place, node: Node) -> None:
    """Give a node an empty database, as one has whose server was deleted and made again."""
    _drop(place, node)
    place.cluster.by_hand(f"CREATE DATABASE {place.database}", node)
    place.cluster.by_hand("CREATE EXTENSION citus", node, database=place.database)


def members(apart: Place, *indices: int, **more: Any) -> MembershipSpec:
    """Declare the workers of these indices."""
    nodes = [apart.cluster.nodes[1 + index] for index in indices]
    return replace(apart.cluster.membership(*nodes, database=apart.database), **more)


def groups(apart: Place) -> list[int]:
    """Give the groups that hold shards."""
    return [row[0] for row in apart.by_hand(PLACED)]


def rows(apart: Place) -> list[int]:
    """Count the rows of each table."""
    return [*apart.by_hand(_COUNTED)[0]]
