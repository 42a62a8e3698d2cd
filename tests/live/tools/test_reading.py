"""A cluster is read as it is, also while one of its workers is down."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import tenacity

from citus.database.errors import NotReachable
from citus.database.membership import MembershipProvider
from citus.errors import Refused
from tests.live.cluster import Cluster as Servers
from tests.live.cluster import free_ports
from tests.live.database.place import Place, a_name
from tests.live.database.tables_to_move import ROWS, TABLES, members, own_database
from tests.live.declared import Declared
from tools.live_cluster.health import read_health
from tools.live_cluster.moves import read_last_job, read_plan, read_running
from tools.live_cluster.reading import read_cluster, reading
from tools.live_cluster.values import Cluster, Table

pytestmark = pytest.mark.live

ODD = """CREATE SCHEMA "<odd> ""s'";
CREATE TABLE "<odd> ""s'"."t & <u>" (id bigint PRIMARY KEY);
SELECT create_distributed_table('"<odd> ""s''"."t & <u>"', 'id', shard_count := 2,
    colocate_with := 'none');
CREATE TABLE public.notes (id bigint PRIMARY KEY);
SELECT create_distributed_table('public.notes', NULL, colocate_with := 'none');
CREATE TABLE plain (id bigint PRIMARY KEY)"""


@pytest.fixture(scope="module")
def filled(cluster: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A database with a table of each kind on three workers."""
    place = Place(cluster, a_name(), tmp_path_factory.mktemp("place"))
    with own_database(place) as apart:
        Declared(MembershipProvider()).up(members(apart, 0, 1, 2))
        apart.by_hand(TABLES)
        apart.by_hand(ODD)
        yield apart


def read(place: Place) -> Cluster:
    with reading(place.endpoint) as database:
        return read_cluster(database)


def by_name(shown: Cluster) -> dict[str, Table]:
    return {table.qualified: table for table in shown.tables}


@contextlib.contextmanager
def stopped(cluster: Servers, name: str) -> Iterator[None]:
    cluster.servers[name].stop()
    try:
        yield
    finally:
        cluster.servers[name].start()


def test_nodes_go_by_their_groups_and_all_answer(filled: Place) -> None:
    nodes = read(filled).nodes
    assert [(n.name, n.groupid, str(n.address)) for n in nodes] == [
        (node.name, node.groupid, str(node.address)) for node in filled.cluster.nodes[:-1]
    ]
    assert [n.should_have_shards for n in nodes] == [False, True, True, True]
    assert all(n.active and n.metadata_synced and not n.silent for n in nodes)


def test_each_table_is_told_by_its_kind(filled: Place) -> None:
    tables = by_name(read(filled))
    told = {name: (t.kind, t.distribution_column, t.shard_count) for name, t in tables.items()}
    assert told == {
        "ads.companies": ("distributed", "id", 8),
        "ads.geo_ips": ("reference", None, 1),
        "alone.things": ("schema", None, 1),
        '"<odd> ""s\'"."t & <u>"': ("distributed", "id", 2),
        "public.notes": ("single shard", None, 1),
        "public.plain": ("local", None, 0),
    }
    assert (tables["public.plain"].local_bytes or 0) > 0


def test_schemas_are_those_of_users_with_whether_they_are_distributed(filled: Place) -> None:
    shown = read(filled)
    distributed = {s.name: s.colocation_id is not None for s in shown.schemas}
    assert distributed == {"ads": False, "alone": True, "<odd> \"s'": False, "public": False}
    [alone] = [s for s in shown.schemas if s.name == "alone"]
    assert alone.colocation_id == by_name(shown)["alone.things"].colocation_id


def test_every_shard_has_its_node_its_place_and_its_bytes(filled: Place) -> None:
    shown = read(filled)
    tables = by_name(shown)
    companies = shown.of(tables["ads.companies"])
    assert [p.slot for p in companies] == list(range(8))
    assert sum(p.bytes or 0 for p in companies) > ROWS * 900
    listed = filled.by_hand(
        "SELECT shardid, nodename || ':' || nodeport, shard_size FROM citus_shards ORDER BY 1, 2"
    )
    addresses = {n.groupid: str(n.address) for n in shown.nodes}
    mine = sorted((p.shardid, addresses[p.groupid], p.bytes) for p in shown.placements)
    assert mine == listed
    copies = shown.of(tables["ads.geo_ips"])
    assert {p.groupid for p in copies} == {0, 1, 2, 3}
    assert {p.slot for p in copies} == {0}


def test_a_worker_that_is_down_costs_its_sizes_alone(filled: Place) -> None:
    before = read(filled)
    with stopped(filled.cluster, "worker-1"):
        shown = read(filled)
        with reading(filled.endpoint) as database:
            health = read_health(database)
            assert read_last_job(database) is None
            read_running(database)  # whatever it tells, it does not fail
            plan = read_plan(database, shown)
    silent = {node.name: node.silent for node in shown.nodes if node.silent}
    assert list(silent) == ["worker-1"]
    assert [replace(n, silent="") for n in shown.nodes] == list(before.nodes)
    assert shown.tables == before.tables
    assert shown.placements == tuple(
        replace(p, bytes=None if p.groupid == 2 else p.bytes) for p in before.placements
    )
    down = shown.nodes[2].address
    assert health is not None
    assert len(health) == 16
    for reach in health:
        assert reach.reached is (None if reach.source == down else reach.target != down)
    assert not plan.moves
    assert plan.unknown


def test_a_session_that_reads_cannot_write(filled: Place) -> None:
    with (
        reading(filled.endpoint) as database,
        pytest.raises(Refused, match="read-only transaction"),
    ):
        database.rows("CREATE TABLE public.written (id int)")


@pytest.mark.real_only("the stand-in makes no plan")
def test_a_plan_tells_of_each_shard_that_a_rebalance_would_move(filled: Place) -> None:
    shard = "SELECT min(shardid) FROM pg_dist_shard WHERE logicalrelid = 'ads.companies'::regclass"
    home = f"SELECT groupid FROM pg_dist_placement WHERE shardid = ({shard})"
    [[shardid]], [[group]] = filled.by_hand(shard), filled.by_hand(home)
    filled.by_hand(
        f"SELECT citus_set_node_property(nodename, nodeport, 'shouldhaveshards', false)"
        f" FROM pg_dist_node WHERE groupid = {group}"
    )
    try:
        shown = read(filled)
        with reading(filled.endpoint) as database:
            plan = read_plan(database, shown, drain_only=True)
    finally:
        filled.by_hand(
            f"SELECT citus_set_node_property(nodename, nodeport, 'shouldhaveshards', true)"
            f" FROM pg_dist_node WHERE groupid = {group}"
        )
    spread = [p for p in shown.on(group) if by_name(shown)[p.table].kind != "reference"]
    assert sorted((m.shardid, m.table, m.source, m.bytes) for m in plan.moves) == sorted(
        (p.shardid, p.table, group, p.bytes) for p in spread
    )
    assert shardid in {move.shardid for move in plan.moves}
    assert group not in {move.target for move in plan.moves}


@pytest.mark.real_only("moves take no time on the stand-in")
def test_a_move_is_told_of_while_it_runs(filled: Place) -> None:
    """A writer of the shard keeps the move waiting."""
    shard = "SELECT min(shardid) FROM pg_dist_shard WHERE logicalrelid = 'alone.things'::regclass"
    home = f"SELECT groupid FROM pg_dist_placement WHERE shardid = ({shard})"
    [[shardid]], [[source]] = filled.by_hand(shard), filled.by_hand(home)
    target = source % 3 + 1
    ids = {node.groupid: node.address for node in filled.cluster.nodes}
    move = (
        f"SELECT citus_move_shard_placement({shardid}, '{ids[source].host}', {ids[source].port},"
        f" '{ids[target].host}', {ids[target].port}, 'block_writes')"
    )
    with (
        ThreadPoolExecutor(1) as pool,
        filled.cluster.connect(database=filled.database) as writer,
        reading(filled.endpoint) as database,
    ):
        with writer.transaction():
            writer.execute("INSERT INTO alone.things VALUES (1000)")
            moved = pool.submit(filled.by_hand, move)
            running = tenacity.Retrying(
                retry=tenacity.retry_if_result(lambda found: not found),
                wait=tenacity.wait_fixed(0.1),
                stop=tenacity.stop_after_delay(60),
            )(read_running, database)
        moved.result(timeout=60)
    assert running
    assert [(m.shardid, m.table, m.source, m.target) for m in running] == [
        (shardid, "alone.things", source, target)
    ]


@pytest.mark.real_only("moves take no time on the stand-in, and leave no failure")
def test_a_rebalance_that_fails_is_told_with_what_it_has_said(filled: Place) -> None:
    filled.by_hand(
        "INSERT INTO pg_dist_background_job (job_id, state, job_type, description)"
        " VALUES (7, 'failed', 'rebalance', 'by hand');"
        "INSERT INTO pg_dist_background_task (job_id, task_id, owner, status, command, message)"
        " VALUES (7, 1, 'postgres', 'done', 'SELECT 1', ''),"
        " (7, 2, 'postgres', 'error', 'SELECT 2', E'ERROR: no room\\nCONTEXT: of no use')"
    )
    try:
        with reading(filled.endpoint) as database:
            job = read_last_job(database)
    finally:
        filled.by_hand("DELETE FROM pg_dist_background_task; DELETE FROM pg_dist_background_job")
    assert job is not None
    assert (job.job_id, job.moves, job.done, job.failure) == (7, 2, 1, "ERROR: no room")
    assert job.has_failed
    assert not job.is_running


def test_no_coordinator_and_no_citus_are_one_sentence(cluster: Servers) -> None:
    [port] = free_ports(1)
    with (
        pytest.raises(NotReachable, match=re.escape(f"127.0.0.1:{port} is not reachable")),
        reading(replace(cluster.endpoint(), port=port)),
    ):
        pass
    with (
        pytest.raises(Refused, match="has no extension citus: `make up` makes it"),
        reading(cluster.endpoint("template1")) as database,
    ):
        read_cluster(database)
