"""Six workers and three again by config alone, while somebody writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bench.writer import writing
from tests.live import engines
from tests.up.stack import Stack

pytestmark = [pytest.mark.up, pytest.mark.long]

TABLES = """CREATE TABLE events (id bigint PRIMARY KEY, note text);
CREATE TABLE places (id bigint PRIMARY KEY);
INSERT INTO events SELECT i, repeat('x', 900) FROM generate_series(1, 1000) i;
"""
DECLARED = [
    {"schema": "ads", "table": "events", "distributionColumn": "id", "shardCount": 12},
    {"schema": "ads", "table": "places", "reference": True},
]
INSERTS = {
    "ads.events": "INSERT INTO ads.events VALUES (%s, 'new')",
    "ads.places": "INSERT INTO ads.places VALUES (%s)",
    "user_service.users": "INSERT INTO user_service.users (id, name, email)"
    " SELECT i, 'new', 'user' || i || '@example.com' FROM (VALUES (%s::bigint)) AS t(i)",
}
HOLDERS = """SELECT groupid, count(*) FROM pg_dist_placement JOIN pg_dist_shard USING (shardid)
    WHERE logicalrelid = 'ads.events'::regclass GROUP BY 1 ORDER BY 1"""


@pytest.fixture
def three(engine: str, tmp_path: Path) -> Iterator[Stack]:
    """Give a stack on three workers, with tables of its own."""
    found = engines.find(engine)
    assert found is not None
    how = {"strategy": "by_shard_count"}
    made = Stack(tmp_path, found.bin, services=["user"], tables=DECLARED, rebalance=how)
    (tmp_path / "sql/ads").mkdir()
    (tmp_path / "sql/ads/001_tables.sql").write_text(TABLES)
    made.make("up")
    yield made
    made.make("down", check=False)


def scale(stack: Stack, workers: int) -> None:
    stack.declare(workers=workers)
    stack.make("up")
    assert len(stack.outputs()["workers"]) == workers
    assert stack.sql(HOLDERS) == [(i + 1, 12 // workers) for i in range(workers)]
    assert stack.planned_sql() == []


def test_no_write_is_lost_from_three_workers_to_six_and_back(
    three: Stack, engine: str, record_property: Callable[[str, object], None]
) -> None:
    with writing(three.connection, INSERTS) as writes:
        scale(three, 6)
        scale(three, 3)
    lost = writes.lost(three.sql)
    record_property("writes acknowledged", writes.count)
    record_property("writes failed", len(writes.failures))
    record_property("rows lost", sum(map(len, lost.values())))
    assert lost == {}
    assert all(writes.acknowledged.values())
    if engine == "citus":
        assert writes.failures == []
    old = three.sql("SELECT count(*) FROM ads.events WHERE id <= 1000")
    assert old == [(1000,)]
