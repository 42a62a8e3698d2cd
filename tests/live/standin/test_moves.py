"""Shards that move between nodes: drain, rebalance, and what is left of it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from tests.live.standin.answers import Failure, ask

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from tests.live.standin.engines import Cluster

pytestmark = pytest.mark.live

PLACED = """SELECT groupid, count(*) FROM pg_dist_placement JOIN pg_dist_shard USING (shardid)
    JOIN pg_dist_partition USING (logicalrelid) WHERE repmodel = 's' GROUP BY 1 ORDER BY 1"""
NO_IDENTITY = Failure(
    "0A000",
    "cannot use logical replication to transfer shards of the relation keyless since it doesn't "
    "have a REPLICA IDENTITY or PRIMARY KEY",
    "UPDATE and DELETE commands on the shard will error out during logical replication unless "
    "there is a REPLICA IDENTITY or PRIMARY KEY.",
    "If you wish to continue without a replica identity set the shard_transfer_mode to "
    "'force_logical' or 'block_writes'.",
)


@pytest.fixture
def placed(shop: psycopg.Connection[Any], cluster: Cluster) -> Iterator[psycopg.Connection[Any]]:
    """Six shards on three nodes; afterwards all may hold shards again."""
    ask(shop, "CREATE TABLE shop.item (id int PRIMARY KEY)")
    ask(shop, "SELECT create_distributed_table('shop.item', 'id', shard_count := 6)")
    ask(shop, "INSERT INTO shop.item SELECT generate_series(1, 100)")
    yield shop
    for worker in cluster.workers:
        call = f"'127.0.0.1', {worker.port}, 'shouldhaveshards', true"
        ask(shop, f"SELECT citus_set_node_property({call})")


def drain(cluster: Cluster, index: int, mode: str = "block_writes") -> str:
    return f"SELECT citus_drain_node('127.0.0.1', {cluster.workers[index].port}, '{mode}')"


def test_a_node_is_drained_and_has_no_shard_then(
    placed: psycopg.Connection[Any], cluster: Cluster
) -> None:
    assert ask(placed, PLACED).rows == [(1, 2), (2, 2), (3, 2)]
    assert ask(placed, drain(cluster, 1)).failure is None
    assert ask(placed, PLACED).rows == [(1, 3), (3, 3)]
    marked = "SELECT groupid FROM pg_dist_node WHERE NOT shouldhaveshards ORDER BY 1"
    assert ask(placed, marked).rows == [(0,), (2,)]
    assert ask(placed, drain(cluster, 1)).failure is None  # again: nothing to do
    assert ask(placed, "CALL citus_cleanup_orphaned_resources()").failure is None
    assert ask(placed, "SELECT * FROM pg_dist_cleanup").rows == []
    assert ask(placed, "SELECT count(*) FROM shop.item").value == 100


def test_a_table_without_primary_key_is_not_moved_online(
    placed: psycopg.Connection[Any], cluster: Cluster
) -> None:
    ask(placed, "CREATE TABLE shop.keyless (id int)")
    ask(placed, "SELECT create_distributed_table('shop.keyless', 'id', shard_count := 3)")
    before = ask(placed, PLACED).rows
    assert ask(placed, drain(cluster, 0, "auto")).failure == NO_IDENTITY
    assert ask(placed, PLACED).rows == before


def test_a_rebalance_is_a_job_and_nothing_is_to_do_then(
    placed: psycopg.Connection[Any], cluster: Cluster
) -> None:
    start = "SELECT citus_rebalance_start('by_shard_count', shard_transfer_mode := 'block_writes')"
    nothing = ask(placed, start)
    assert nothing.rows == [(None,)]
    assert nothing.notices == ["NOTICE: No moves available for rebalancing"]
    ask(placed, drain(cluster, 2))
    port = cluster.workers[2].port
    ask(placed, f"SELECT citus_set_node_property('127.0.0.1', {port}, 'shouldhaveshards', true)")
    job = ask(placed, start)
    assert job.notices == [f"NOTICE: Scheduled 2 moves as job {job.value}"]
    ask(placed, "SELECT citus_rebalance_wait()")
    assert ask(placed, PLACED).rows == [(1, 2), (2, 2), (3, 2)]
    status = ask(placed, "SELECT job_id, state::text, job_type FROM citus_rebalance_status()")
    assert status.rows == [(job.value, "finished", "rebalance")]
    tasks = f"SELECT status::text FROM pg_dist_background_task WHERE job_id = {job.value}"
    assert ask(placed, tasks).rows == [("done",)] * 2


def test_what_is_no_node_strategy_or_job_is_refused(
    placed: psycopg.Connection[Any], cluster: Cluster
) -> None:
    port = cluster.workers[0].port
    for call, failure in {
        "citus_drain_node('127.0.0.1', 1)": Failure("P0002", "node 127.0.0.1:1 not found"),
        "citus_rebalance_start('odd')": Failure(
            "XX000", "could not find rebalance strategy with name odd"
        ),
        "citus_rebalance_stop()": Failure("XX000", "no ongoing rebalance that can be stopped"),
        "citus_update_node(77, '127.0.0.1', 1)": Failure("P0002", "node 77 not found"),
        f"citus_update_node(77, '127.0.0.1', {port})": Failure(
            "55000", "there is already another node with the specified hostname and port"
        ),
    }.items():
        assert ask(placed, f"SELECT {call}").failure == failure


def test_a_node_keeps_its_address_when_it_is_told_again(
    placed: psycopg.Connection[Any], cluster: Cluster
) -> None:
    call = "SELECT citus_update_node(nodeid, nodename, nodeport) FROM pg_dist_node"
    before = ask(placed, "SELECT * FROM pg_dist_node ORDER BY nodeid").rows
    assert ask(placed, f"{call} WHERE nodeport = {cluster.workers[0].port}").failure is None
    assert ask(placed, "SELECT * FROM pg_dist_node ORDER BY nodeid").rows == before


def test_the_disk_tells_what_is_free(placed: psycopg.Connection[Any]) -> None:
    [(free, size)] = ask(placed, "SELECT * FROM citus_local_disk_space_stats()").rows
    [(folder,)] = ask(placed, "SHOW data_directory").rows
    disk = os.statvfs(folder)
    assert size == disk.f_blocks * disk.f_frsize
    # What is kept for root is free, too; others write meanwhile.
    assert abs(free - disk.f_bfree * disk.f_frsize) < size / 100
