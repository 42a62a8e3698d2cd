"""A worker joins, holds a schema, and leaves: by config alone, through the real commands."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.up.stack import Stack

pytestmark = [pytest.mark.up, pytest.mark.one_engine]

WHERE = """SELECT groupid FROM pg_dist_placement JOIN pg_dist_shard USING (shardid)
    WHERE logicalrelid = 'user_service.users'::regclass"""
_AT_WORK = "SELECT pid FROM pg_stat_activity WHERE state = 'active' AND query LIKE "
DRAINS = f"{_AT_WORK}'SELECT citus_drain_node%'"
JOINS = f"{_AT_WORK}'SELECT citus_add_node%'"
LEAVES = [
    "SELECT citus_set_node_property",
    "SELECT citus_drain_node",
    "CALL citus_cleanup_orphaned_resources",
    "SELECT citus_remove_node",
]
AUTHINFO = "UPDATE pg_dist_authinfo SET authinfo = 'password={}' WHERE rolename = 'user_service'"


@dataclass(frozen=True)
class Scaled:
    """A stack with one worker more than before, which holds the users."""

    stack: Stack
    before: int

    @property
    def last(self) -> str:
        return f"worker-{self.before}"

    def more(self) -> None:
        """Declare the worker, and the schema on it."""
        on_it = {"user_service": {"node": self.last}}
        how = {"strategy": "by_shard_count"}
        self.stack.declare(workers=self.before + 1, schemas=on_it, rebalance=how)

    def fewer(self) -> None:
        """Declare neither any more."""
        self.stack.declare(workers=self.before, schemas=None, rebalance=None)

    def is_a_member(self) -> bool:
        """Whether the worker is in pg_dist_node."""
        query = f"SELECT 1 FROM pg_dist_node WHERE groupid = {self.before + 1}"
        return self.stack.sql(query) != []

    def has_a_server(self) -> bool:
        """Whether its server runs, and has its data."""
        return self.stack.pids(f"{self.last}/data") != []


@pytest.fixture(scope="module")
def scaled(stack: Stack) -> Iterator[Scaled]:
    scaled = Scaled(stack, len(stack.outputs()["workers"]))
    scaled.more()
    stack.apply()
    yield scaled
    scaled.fewer()
    stack.apply()


@pytest.mark.long
def test_a_worker_that_a_killed_run_has_joined_is_emptied_before_its_server_goes(
    stack: Stack, engine: str
) -> None:
    """No run has recorded it, and an application has made a table since."""
    if engine == "standin":
        pytest.skip("a node that joins the stand-in waits for nobody")
    scaled = Scaled(stack, len(stack.outputs()["workers"]))
    stack.sql("CREATE TABLE kinds (id int PRIMARY KEY)")
    stack.sql("SELECT create_reference_table('kinds')")
    stack.declare(workers=scaled.before + 1)
    _kill_while(stack, "LOCK TABLE kinds IN ACCESS EXCLUSIVE MODE", JOINS)
    _when(lambda: not stack.at_work("pulumi.dynamic"))  # it ends the statement it is at
    assert scaled.is_a_member()
    stack.sql("CREATE TABLE orders (id int PRIMARY KEY)")
    stack.sql("SELECT create_distributed_table('orders', 'id')")
    stack.sql("INSERT INTO orders SELECT generate_series(1, 1000)")
    scaled.fewer()
    _stays_while_nobody_can_look(scaled)
    assert [sql.split("(")[0] for sql in stack.planned_sql()] == LEAVES
    stack.pulumi("up", "--yes")  # looks at what is there without being told to
    assert not scaled.has_a_server()
    assert not scaled.is_a_member()
    assert stack.sql("SELECT count(*) FROM orders") == [(1000,)]
    assert stack.planned_sql() == []
    stack.sql("DROP TABLE orders, kinds")


def test_a_new_worker_holds_the_schema_that_is_declared_on_it(scaled: Scaled) -> None:
    assert scaled.stack.sql(WHERE) == [(scaled.before + 1,)]
    assert len(scaled.stack.users()) >= 10
    assert len(scaled.stack.outputs()["workers"]) == scaled.before + 1
    assert scaled.stack.planned_sql() == []


@pytest.mark.long
def test_a_drain_that_fails_leaves_the_server_and_the_next_up_goes_on(
    scaled: Scaled, engine: str
) -> None:
    if engine == "standin":
        pytest.skip("a move on the stand-in logs in nowhere")
    stack, users = scaled.stack, scaled.stack.users()
    right = stack.sql("SELECT authinfo FROM pg_dist_authinfo WHERE rolename = 'user_service'")
    scaled.fewer()
    stack.sql(AUTHINFO.format("wrong"))
    # As if it went wrong after the refresh.
    failed = stack.pulumi("up", "--yes", "--refresh=false", check=False)
    stack.sql(AUTHINFO.format(right[0][0].removeprefix("password=")))
    assert failed.code != 0
    assert "STATEMENT: SELECT citus_drain_node" in failed.text
    assert "Traceback" not in failed.text
    assert scaled.has_a_server()
    assert scaled.is_a_member()
    assert stack.users() == users
    scaled.more()  # after all
    planned = [sql.split(" -- ")[1] for sql in stack.planned_sql()]
    assert planned == [f"{scaled.last} may hold shards"]
    stack.apply()
    assert stack.sql(WHERE) == [(scaled.before + 1,)]


def test_a_worker_that_leaves_is_empty_before_its_server_goes_though_the_cli_is_killed(
    scaled: Scaled, engine: str
) -> None:
    stack, users = scaled.stack, scaled.stack.users()
    scaled.fewer()
    planned = [sql.split("(")[0] for sql in stack.planned_sql()]
    assert planned == LEAVES
    if engine == "citus":  # there a move waits for those that write
        _kill_while(stack, "UPDATE user_service.users SET name = name", DRAINS)
        assert scaled.has_a_server()
        assert scaled.is_a_member()
    shown = stack.make("up").text
    assert "Traceback" not in shown
    assert not scaled.has_a_server()
    assert not (stack.folder / ".local/dev" / scaled.last).exists()
    assert not scaled.is_a_member()
    assert stack.users() == users
    assert stack.planned_sql() == []


def _stays_while_nobody_can_look(scaled: Scaled) -> None:
    """The machine was restarted: what is recorded names no such worker."""
    stack = scaled.stack
    for index in range(scaled.before + 1):
        stack.kill(f"worker-{index}")
    stack.kill("coordinator")
    assert stack.planned_sql() == []
    refused = stack.make("up", check=False).text
    assert f"(its {scaled.last} is now at 127.0.0.1:" in refused
    assert f"declare {scaled.last} once more" in stack.make("up", check=False).text
    assert scaled.is_a_member()
    stack.declare(workers=scaled.before + 1)
    stack.apply()
    assert scaled.has_a_server()
    scaled.fewer()


def _kill_while(stack: Stack, holds: str, waits: str) -> None:
    """Kill the CLI while its statement waits for a transaction, then let the statement go on."""
    with stack.connection() as writer:
        writer.autocommit = False
        writer.execute(holds.encode())
        run = stack.start("up")
        _when(lambda: stack.sql(waits), run)
        for pid in stack.at_work("/pulumi up"):
            os.kill(pid, signal.SIGKILL)
        assert run.stdout is not None
        run.stdout.close()
        run.wait(120)
        writer.rollback()


def _when(happens: Callable[[], Any], run: Any = None) -> None:
    patience = time.monotonic() + 120
    while not happens():
        assert time.monotonic() < patience
        assert run is None or run.poll() is None, run.stdout.read()
        time.sleep(0.2)
