"""Adding, changing and removing nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.live.standin.answers import Failure, ask

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from tests.live.standin.engines import Cluster, Server

pytestmark = pytest.mark.live

NOT_HERE = Failure(
    "XX000",
    "operation is not allowed on this node",
    hint="Connect to the coordinator and run it again.",
)
REFUSED = (
    "connection to the remote node postgres@127.0.0.1:1 failed with the following error: "
    "Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?"
)
NODES = "SELECT nodeid, groupid, nodeport, shouldhaveshards FROM pg_dist_node ORDER BY nodeid"


@pytest.fixture
def root(bare: Cluster) -> Iterator[psycopg.Connection[Any]]:
    """The coordinator of a cluster of two workers, whatever the test before has done."""
    with bare.coordinator.connect() as connection:
        ask(connection, f"SELECT citus_set_coordinator_host('127.0.0.1', {bare.coordinator.port})")
        for group, worker in enumerate(bare.workers[:2], start=1):
            ask(connection, f"SELECT citus_add_node('127.0.0.1', {worker.port}, {group})")
        yield connection


def test_one_node_alone(bare: Cluster) -> None:
    with bare.coordinator.connect() as connection:
        ask(connection, "SELECT citus_remove_node('127.0.0.1', nodeport) FROM pg_dist_node")
        answer = ask(connection, "SELECT * FROM run_command_on_all_nodes('SELECT 7')")
    assert answer.rows == [(0, True, "7")]


def test_a_new_node(root: psycopg.Connection[Any], bare: Cluster) -> None:
    port = bare.workers[2].port
    added = ask(root, f"SELECT citus_add_node('127.0.0.1', {port}, groupid := 3)").value
    row = ask(root, f"SELECT * FROM pg_dist_node WHERE nodeid = {added}").rows
    assert row == [
        (added, 3, "127.0.0.1", port, "default", True, True, "primary", "default", True, True)
    ]
    with bare.workers[2].connect() as worker:
        assert ask(worker, NODES).rows == ask(root, NODES).rows
        assert ask(worker, "SELECT groupid FROM pg_dist_local_group").value == 3
    assert ask(root, f"SELECT citus_remove_node('127.0.0.1', {port})").failure is None


def test_adding_again_answers_the_same_node_and_ignores_the_group(
    root: psycopg.Connection[Any], bare: Cluster
) -> None:
    before = ask(root, NODES).rows
    again = ask(root, f"SELECT citus_add_node('127.0.0.1', {bare.workers[0].port}, groupid := 9)")
    assert again.value == next(row[0] for row in before if row[1] == 1)
    assert ask(root, NODES).rows == before


def test_refusals(root: psycopg.Connection[Any], bare: Cluster) -> None:
    before = ask(root, NODES).rows
    free = bare.workers[2].port
    missing = Failure("XX000", 'node at "127.0.0.1:1" does not exist')
    for call, failure in {
        f"citus_add_node('127.0.0.1', {free}, 2)": Failure(
            "XX000", "group 2 already has a primary node"
        ),
        "citus_add_node('127.0.0.1', 1, 9)": Failure("08006", REFUSED),
        "citus_remove_node('127.0.0.1', 1)": missing,
        "citus_activate_node('127.0.0.1', 1)": missing,
        "citus_set_node_property('127.0.0.1', 1, 'shouldhaveshards', true)": missing,
        f"citus_set_node_property('127.0.0.1', {bare.workers[0].port}, 'colour', true)": Failure(
            "XX000", "only the 'shouldhaveshards' property can be set using this function"
        ),
    }.items():
        assert ask(root, f"SELECT {call}").failure == failure
    assert ask(root, NODES).rows == before


def test_a_worker_manages_nothing(root: psycopg.Connection[Any], bare: Cluster) -> None:
    port = bare.workers[2].port
    with bare.workers[0].connect() as worker:
        for statement in (
            f"SELECT citus_add_node('127.0.0.1', {port}, 3)",
            f"SELECT citus_remove_node('127.0.0.1', {port})",
            f"SELECT citus_set_node_property('127.0.0.1', {port}, 'shouldhaveshards', true)",
            "SELECT citus_schema_distribute('public')",
            "CREATE SCHEMA there",
        ):
            assert ask(worker, statement).failure == NOT_HERE
        assert ask(worker, "SELECT citus_is_coordinator()").value is False
    assert ask(root, "SELECT citus_is_coordinator()").value is True


def test_property(root: psycopg.Connection[Any], bare: Cluster) -> None:
    port = bare.workers[0].port
    for value in (False, True):
        ask(
            root,
            f"SELECT citus_set_node_property('127.0.0.1', {port}, 'shouldhaveshards', {value})",
        )
        with bare.workers[1].connect() as worker:
            seen = ask(worker, f"SELECT shouldhaveshards FROM pg_dist_node WHERE nodeport = {port}")
        assert seen.value is value


def test_workers_are_listed(root: psycopg.Connection[Any], bare: Cluster) -> None:
    for function in ("master_get_active_worker_nodes", "citus_get_active_worker_nodes"):
        listed = ask(root, f"SELECT * FROM {function}() ORDER BY node_port").rows
        assert listed == [worker.address for worker in bare.workers[:2]]


def test_a_node_with_the_only_placement_stays(root: psycopg.Connection[Any]) -> None:
    ask(root, "CREATE SCHEMA held")
    ask(root, "SELECT citus_schema_distribute('held')")
    ask(root, "CREATE TABLE held.thing (id int)")
    where = "pg_dist_shard JOIN pg_dist_placement USING (shardid) JOIN pg_dist_node USING (groupid)"
    ((shard, port),) = ask(root, f"SELECT shardid, nodeport FROM {where}").rows
    refused = ask(root, f"SELECT citus_remove_node('127.0.0.1', {port})").failure
    assert refused == Failure(
        "XX000",
        f"cannot remove or disable the node 127.0.0.1:{port} because because it contains the only "
        f"shard placement for shard {shard}",
        "One of the table(s) that prevents the operation complete successfully is held.thing",
        "To proceed, either drop the tables or use undistribute_table() function to convert them "
        "to local tables",
    )
    ask(root, "DROP SCHEMA held CASCADE")


@pytest.fixture
def dead(root: psycopg.Connection[Any], bare: Cluster) -> Iterator[Server]:
    """Worker 1, killed."""
    ask(root, "CREATE SCHEMA IF NOT EXISTS waits")
    server = bare.workers[1]
    server.stop()
    try:
        yield server
    finally:
        server.start()


def test_a_dead_worker_fails_what_needs_it(bare: Cluster, dead: Server) -> None:
    failure = Failure("08006", REFUSED.replace(":1 ", f":{dead.port} ", 1))
    port = bare.workers[0].port
    # A new session, since Citus keeps connections and words the loss of one differently.
    with bare.coordinator.connect() as root:
        for statement in (
            f"SELECT citus_set_node_property('127.0.0.1', {port}, 'shouldhaveshards', true)",
            "SELECT citus_schema_distribute('waits')",
            "CREATE SCHEMA another",
        ):
            assert ask(root, statement).failure == failure


def test_a_dead_worker_in_reports(bare: Cluster, dead: Server) -> None:
    with bare.coordinator.connect() as root:
        nodes = ask(root, "SELECT success, result FROM run_command_on_all_nodes('SELECT 1')")
        health = ask(
            root,
            "SELECT from_nodeport, to_nodeport, result FROM citus_check_cluster_node_health()",
        )
    assert sorted(nodes.rows) == [
        (False, f"failed to connect to 127.0.0.1:{dead.port}"),
        (True, "1"),
        (True, "1"),
    ]
    assert {row[2] for row in health.rows if row[0] == dead.port} == {None}
    assert {row[2] for row in health.rows if row[1] == dead.port} == {None, False}
    assert set(health.notices) == {f"WARNING: {REFUSED.replace(':1 ', f':{dead.port} ', 1)}"}


def test_a_dead_worker_can_be_removed(bare: Cluster, dead: Server) -> None:
    with bare.coordinator.connect() as root:
        assert ask(root, f"SELECT citus_remove_node('127.0.0.1', {dead.port})").failure is None
