"""Workers join and leave while somebody writes: every acknowledged write is there afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench.writer import writing
from citus.database.membership import MembershipProvider
from citus.database.rebalance import RebalanceProvider, RebalanceSpec
from citus.platforms.local.installation import Installation
from tests.live.cluster import Cluster
from tests.live.database.place import Place, a_name
from tests.live.database.tables_to_move import ROWS, TABLES, groups, members, own_database, rows
from tests.live.declared import Declared

pytestmark = pytest.mark.live

INSERTS = {
    "ads.companies": "INSERT INTO ads.companies VALUES (%s, 'new')",
    "ads.geo_ips": "INSERT INTO ads.geo_ips VALUES (%s)",
    "alone.things": "INSERT INTO alone.things VALUES (%s)",
}
Record = Callable[[str, object], None]


@pytest.fixture
def six(engine: Installation, tmp_path: Path) -> Iterator[Place]:
    """Give a database on a cluster of six workers, and a spare."""
    cluster = Cluster.start(engine, tmp_path, workers=6)
    try:
        yield Place(cluster, a_name(), tmp_path)
    finally:
        cluster.stop()


@contextmanager
def three_workers(place: Place) -> Iterator[tuple[Place, Declared, Declared]]:
    """Give a database whose tables are on the first three workers."""
    with own_database(place) as apart:
        nodes, spread = Declared(MembershipProvider()), Declared(RebalanceProvider())
        nodes.up(members(apart, 0, 1, 2))
        apart.by_hand(TABLES)
        yield apart, nodes, spread


def scale(apart: Place, nodes: Declared, spread: Declared, count: int) -> None:
    """Run what `up` runs for so many workers."""
    nodes.up(members(apart, *range(count)))
    workers = {node.name: node.address for node in apart.cluster.nodes[1 : 1 + count]}
    spread.up(RebalanceSpec(apart.endpoint, workers, "by_shard_count"))
    assert groups(apart) == [*range(1, count + 1)]


def out_and_in(place: Place, most: int, record_property: Record) -> None:
    """Scale from three workers to *most* and back, under writes."""
    with three_workers(place) as (apart, nodes, spread):
        with writing(lambda: apart.cluster.connect(database=apart.database), INSERTS) as writes:
            scale(apart, nodes, spread, most)
            scale(apart, nodes, spread, 3)
        lost = writes.lost(apart.by_hand)
        record_property("writes acknowledged", writes.count)
        record_property("writes failed", len(writes.failures))
        record_property("rows lost", sum(map(len, lost.values())))
        assert lost == {}
        assert all(writes.acknowledged.values())
        if not place.cluster.is_standin:
            assert writes.failures == []
        before = [ROWS, 10, 10]
        new = map(len, writes.acknowledged.values())
        assert rows(apart) == [old + more for old, more in zip(before, new, strict=True)]
        assert nodes.up(members(apart, 0, 1, 2)) == []


def test_a_worker_joins_and_leaves_under_writes(place: Place, record_property: Record) -> None:
    out_and_in(place, 4, record_property)


@pytest.mark.long
def test_three_workers_join_and_leave_under_writes(six: Place, record_property: Record) -> None:
    out_and_in(six, 6, record_property)
