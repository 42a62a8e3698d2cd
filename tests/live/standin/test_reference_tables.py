"""Where reference tables are as nodes come and go, and what tables need of the nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.live.standin.answers import Failure, ask

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from tests.live.standin.engines import Cluster

pytestmark = pytest.mark.live

WHERE = (
    "SELECT logicalrelid::text, array_agg(groupid ORDER BY groupid) FROM pg_dist_shard "
    "JOIN pg_dist_placement USING (shardid) GROUP BY 1 ORDER BY 1"
)
REFUSED = (
    "connection to the remote node postgres@127.0.0.1:{} failed with the following error: "
    "Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?"
)


@pytest.fixture(scope="module")
def nodes(bare: Cluster) -> Cluster:
    """A cluster of two workers, with two reference tables and one more server."""
    with bare.coordinator.connect() as root:
        ask(root, f"SELECT citus_set_coordinator_host('127.0.0.1', {bare.coordinator.port})")
        for group, worker in enumerate(bare.workers[:2], start=1):
            ask(root, f"SELECT citus_add_node('127.0.0.1', {worker.port}, {group})")
        for name in ("one", "two"):
            ask(root, f"CREATE TABLE {name} (id int PRIMARY KEY)")
            assert ask(root, f"SELECT create_reference_table('{name}')").failure is None
    return bare


@pytest.fixture
def root(nodes: Cluster) -> Iterator[psycopg.Connection[Any]]:
    """A new session of the superuser: Citus words it differently when an old one loses a node."""
    with nodes.coordinator.connect() as connection:
        yield connection


def test_on_every_node(root: psycopg.Connection[Any]) -> None:
    assert ask(root, WHERE).rows == [("one", [0, 1, 2]), ("two", [0, 1, 2])]
    row = ask(
        root,
        "SELECT DISTINCT partmethod, partkey, repmodel, shardcount, replicationfactor, "
        "distributioncolumntype "
        "FROM pg_dist_partition JOIN pg_dist_colocation USING (colocationid)",
    )
    assert row.rows == [("n", None, "t", 1, -1, 0)]


@pytest.mark.parametrize(
    "trigger",
    ["replicate_reference_tables()", "create_distributed_table('late', 'id', 'hash', 'none', 2)"],
)
def test_a_new_node_gets_them_later(
    root: psycopg.Connection[Any], nodes: Cluster, trigger: str
) -> None:
    port = nodes.workers[2].port
    ask(root, "CREATE TABLE late (id int)")
    ask(root, f"SELECT citus_add_node('127.0.0.1', {port}, 3)")
    assert ask(root, WHERE).rows == [("one", [0, 1, 2]), ("two", [0, 1, 2])]
    copied = ask(root, f"SELECT {trigger}")
    said = [f"NOTICE: replicating reference table 'one' to 127.0.0.1:{port} ..."]
    assert (copied.value, copied.notices) == ("", said)
    assert ask(root, WHERE).rows[-2:] == [("one", [0, 1, 2, 3]), ("two", [0, 1, 2, 3])]
    assert ask(root, "SELECT replicate_reference_tables()").notices == []
    ask(root, "DROP TABLE late")
    assert ask(root, f"SELECT citus_remove_node('127.0.0.1', {port})").failure is None
    assert ask(root, WHERE).rows == [("one", [0, 1, 2]), ("two", [0, 1, 2])]


def test_not_in_the_transaction_that_adds_the_node(
    root: psycopg.Connection[Any], nodes: Cluster
) -> None:
    port = nodes.workers[2].port
    ask(root, "BEGIN")
    ask(root, f"SELECT citus_add_node('127.0.0.1', {port}, 3)")
    refused = ask(root, "SELECT replicate_reference_tables()").failure
    ask(root, "ROLLBACK")
    message = "cannot replicate reference tables in a transaction that modified node metadata"
    assert refused == Failure("0A000", message)


def test_no_node_may_hold_shards(root: psycopg.Connection[Any]) -> None:
    switch = (
        "SELECT citus_set_node_property('127.0.0.1', nodeport, 'shouldhaveshards', {}) "
        "FROM pg_dist_node WHERE groupid > 0"
    )
    ask(root, "CREATE TABLE shards (id int PRIMARY KEY)")
    ask(root, switch.format("false"))
    for call, failure in {
        "create_distributed_table('shards', 'id')": Failure(
            "22023",
            "replication_factor (1) exceeds number of worker nodes (0)",
            hint="Add more worker nodes or try again with a lower replication factor.",
        ),
        "create_distributed_table('shards', NULL)": Failure(
            "22023", "couldn't find any worker nodes", hint="Add more worker nodes"
        ),
        "create_distributed_table_concurrently('shards', 'id')": Failure(
            "22023",
            "no worker nodes are available for placing shards",
            hint="Add more worker nodes.",
        ),
    }.items():
        assert ask(root, f"SELECT {call}").failure == failure, call
    ask(root, switch.format("true"))
    ask(root, "DROP TABLE shards")


def test_a_dead_worker_fails_what_needs_it(root: psycopg.Connection[Any], nodes: Cluster) -> None:
    dead = nodes.workers[1]
    for name in ("there", "new"):
        ask(root, f"CREATE TABLE {name} (id int PRIMARY KEY)")
    assert ask(root, "SELECT create_distributed_table('there', 'id', shard_count := 2)").value == ""
    dead.stop()
    try:
        for statement in (
            "SELECT create_distributed_table('new', 'id')",
            "SELECT create_distributed_table_concurrently('new', 'id')",
            "SELECT create_reference_table('new')",
            "SELECT undistribute_table('there')",
            "SELECT alter_distributed_table('there', shard_count := 3)",
            "SELECT update_distributed_table_colocation('there', 'none')",
            "ALTER TABLE there RENAME TO gone",
            "DROP TABLE there",
            "DROP TABLE one",
        ):
            with nodes.coordinator.connect() as session:
                refused = ask(session, statement).failure
            assert refused == Failure("08006", REFUSED.format(dead.port)), statement
    finally:
        dead.start()
    with nodes.coordinator.connect() as session:
        assert ask(session, "DROP TABLE there, new").failure is None


def test_a_worker_distributes_nothing(nodes: Cluster) -> None:
    hint = "Connect to the coordinator and run it again."
    with nodes.workers[0].connect() as worker:
        ask(worker, "CREATE TABLE here (id int)")
        for call in (
            "create_distributed_table('here', 'id')",
            "create_reference_table('here')",
            "undistribute_table('here')",
            "alter_distributed_table('here', shard_count := 2)",
            "update_distributed_table_colocation('here', 'none')",
        ):
            refused = ask(worker, f"SELECT {call}").failure
            assert refused == Failure("XX000", "operation is not allowed on this node", hint=hint)
