"""The search for shards to move is Citus' own: it gives its plan, and what its drains do."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from citus.database.executor import Database
from citus.database.membership import MembershipProvider
from tests.live.cluster import Cluster
from tests.live.database.place import Place, a_name
from tests.live.database.tables_to_move import members, own_database
from tests.live.declared import Declared
from tools.report import rebalancer, strategy
from tools.report.rebalancer import Node, Placement, Thresholds
from tools.report.scaling import Strategy

pytestmark = [pytest.mark.live, pytest.mark.real_only("the stand-in has no plan of a rebalance")]

# Six colocation groups: with more shards than there are nodes, with fewer, and with one.
TABLES = """
CREATE SCHEMA r;
CREATE TABLE r.a (id int PRIMARY KEY);
SELECT create_distributed_table('r.a', 'id', shard_count := 12, colocate_with := 'none');
CREATE TABLE r.b (id int PRIMARY KEY);
SELECT create_distributed_table('r.b', 'id', colocate_with := 'r.a');
CREATE TABLE r.c (id int PRIMARY KEY);
SELECT create_distributed_table('r.c', 'id', shard_count := 3, colocate_with := 'none');
CREATE TABLE r.d (id int PRIMARY KEY);
SELECT create_distributed_table('r.d', 'id', shard_count := 5, colocate_with := 'none');
CREATE TABLE r.e (id int PRIMARY KEY);
SELECT create_distributed_table('r.e', 'id', shard_count := 1, colocate_with := 'none');
CREATE TABLE r.f (id int PRIMARY KEY);
SELECT create_reference_table('r.f');
CREATE SCHEMA s1; CREATE TABLE s1.a (id int PRIMARY KEY); CREATE TABLE s1.b (id int PRIMARY KEY);
CREATE SCHEMA s2; CREATE TABLE s2.a (id int PRIMARY KEY);
SELECT citus_schema_distribute('s1'), citus_schema_distribute('s2');
"""
# Shards of very different, and of equal, cost: multiples of a page, as sizes on disk are.
STRATEGIES = """
CREATE FUNCTION r."Cost"(shard bigint) RETURNS real LANGUAGE sql AS $$
    SELECT (8192 * (1 + shard * 7919 % current_setting('r.spread')::int))::real $$;
SELECT citus_add_rebalance_strategy('loose', 'r."Cost"', 'citus_node_capacity_1',
    'citus_shard_allowed_on_node_true', 0.1, 0.01);
SELECT citus_add_rebalance_strategy('tight', 'r."Cost"', 'citus_node_capacity_1',
    'citus_shard_allowed_on_node_true', 0);
UPDATE pg_dist_rebalance_strategy SET improvement_threshold = 0.5 WHERE name = 'loose'
"""
# On paper alone: the transaction is rolled back.
PLACE = """
UPDATE pg_dist_placement p SET groupid = %s FROM pg_dist_shard s JOIN pg_dist_partition t
    USING (logicalrelid)
WHERE p.shardid = s.shardid AND t.colocationid = %s AND s.shardminvalue IS NOT DISTINCT FROM %s"""
SLOTS = """
SELECT DISTINCT colocationid, shardminvalue FROM pg_dist_shard JOIN pg_dist_partition
    USING (logicalrelid) WHERE repmodel <> 't' ORDER BY 1, 2"""
PLAN = """
SELECT shardid, s.groupid, t.groupid
FROM get_rebalance_table_shards_plan(rebalance_strategy := %s::name, threshold := %s::real)
    WITH ORDINALITY AS m
JOIN pg_dist_node s ON (s.nodename, s.nodeport) = (m.sourcename, m.sourceport)
JOIN pg_dist_node t ON (t.nodename, t.nodeport) = (m.targetname, m.targetport)
ORDER BY m.ordinality"""


@pytest.fixture(scope="module")
def spread(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Give a database of four workers with tables of many kinds."""
    folder: Path = tmp_path_factory.mktemp("rebalancer")
    with own_database(Place(cluster, a_name(), folder)) as place:
        Declared(MembershipProvider()).up(members(place, 0, 1, 2, 3))
        place.by_hand(TABLES)
        place.by_hand(STRATEGIES)
        yield place


@pytest.fixture
def session(spread: Place) -> Iterator[psycopg.Connection[Any]]:
    """Open a transaction that is rolled back."""
    with spread.cluster.connect(database=spread.database) as connection:
        connection.autocommit = False
        yield connection
        connection.rollback()


@pytest.mark.parametrize("seed", range(12))
def test_for_the_nodes_that_there_are_it_gives_citus_plan(
    session: psycopg.Connection[Any], spread: Place, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same each time
    _place_by_chance(session, chance)
    database = Database(spread.endpoint, session, lenient=False)
    known = {s.name: s for s in strategy.read_strategies(database)}
    compared = 0
    for name in ("by_shard_count", "loose", "tight"):
        for threshold in (None, 0.02, 0.3):
            planned = session.execute(PLAN, (name, threshold)).fetchall()
            found = _told(database, known[name], threshold)
            shards = {shard for shard, _, _ in found}
            compared += len(found)
            # Citus' plan names the colocated shards, too, after each.
            assert [move for move in planned if move[0] in shards] == found
            assert bool(planned) == bool(found)
    assert compared > 0


def test_by_size_it_gives_citus_plan(session: psycopg.Connection[Any], spread: Place) -> None:
    """Where the shards really are: Citus asks the nodes for their sizes."""
    session.execute("INSERT INTO r.d SELECT generate_series(1, 50000)")
    session.execute("SET LOCAL citus.rebalancer_by_disk_size_base_cost = 0")
    session.execute("UPDATE pg_dist_node SET shouldhaveshards = false WHERE groupid = 2")
    database = Database(spread.endpoint, session, lenient=False)
    by_size = next(s for s in strategy.read_strategies(database) if s.is_default)
    planned = session.execute(PLAN, (by_size.name, None)).fetchall()
    found = _told(database, by_size, None)
    shards = {shard for shard, _, _ in found}
    assert [move for move in planned if move[0] in shards] == found != []


def test_a_strategy_is_read_with_what_it_weighs(spread: Place) -> None:
    with spread.cluster.connect(database=spread.database) as connection:
        found = strategy.read_strategies(Database(spread.endpoint, connection, lenient=False))
    assert {s.name: (s.is_default, s.cost, s.alike) for s in found} == {
        "by_shard_count": (False, "", True),
        "by_disk_size": (True, "citus_shard_cost_by_disk_size", True),
        "loose": (False, 'r."Cost"', True),
        "tight": (False, 'r."Cost"', True),
    }
    assert next(s.thresholds for s in found if s.name == "loose").improvement == 0.5


def test_a_drain_moves_what_was_told(spread: Place) -> None:
    database = spread.endpoint
    with spread.cluster.connect(database=spread.database) as connection:
        read = Database(database, connection, lenient=False)
        default = next(s for s in strategy.read_strategies(read) if s.is_default)
        nodes = [
            Node(n.groupid, n.nodeid, n.may_hold and n.groupid not in (2, 3))
            for n in strategy.read_nodes(read)
        ]
        groups = strategy.read_groups(read, default)
        told = dict[int, int]()
        for leaving in (2, 3):
            moves = rebalancer.drained(nodes, groups, leaving)
            told |= {move.shardid: move.target for move in moves}
            groups = [[_moved(place, told) for place in group] for group in groups]
        assert told
        _drain(spread, 2, 3)
        now = dict(connection.execute("SELECT shardid, groupid FROM pg_dist_placement").fetchall())
        assert {shard: now[shard] for shard in told} == told
        shards = {place.shardid for group in groups for place in group}
        assert not {2, 3} & {now[shard] for shard in shards}


def _moved(place: Placement, told: dict[int, int]) -> Placement:
    return Placement(place.shardid, told.get(place.shardid, place.groupid), place.cost)


def _drain(spread: Place, *groups: int) -> None:
    for call in ("citus_set_node_property(nodename, nodeport, 'shouldhaveshards', false)",
                 "citus_drain_node(nodename, nodeport, 'block_writes')"):  # fmt: skip
        for group in groups:
            spread.by_hand(f"SELECT {call} FROM pg_dist_node WHERE groupid = {group}")


def _place_by_chance(session: psycopg.Connection[Any], chance: random.Random) -> None:
    session.execute(f"SET LOCAL r.spread = {chance.choice([1, 3, 40, 1000])}".encode())
    bias = [chance.random() for _ in range(4)]
    for colocationid, least in session.execute(SLOTS).fetchall():
        group = chance.choices([1, 2, 3, 4], bias)[0]
        session.execute(PLACE, (group, colocationid, least))
    for group in chance.sample([1, 2, 3, 4], chance.choice([0, 0, 1, 2])):
        marked = "UPDATE pg_dist_node SET shouldhaveshards = false WHERE groupid = %s"
        session.execute(marked, (group,))


def _told(database: Database, by: Strategy, threshold: float | None) -> list[tuple[int, int, int]]:
    own = by.thresholds
    limit = own.threshold if threshold is None else max(threshold, by.minimum)
    found = rebalancer.rebalanced(
        strategy.read_nodes(database),
        strategy.read_groups(database, by),
        Thresholds(limit, own.improvement),
    )
    return [(move.shardid, move.source, move.target) for move in found]
