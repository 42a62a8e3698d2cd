"""A password stands nowhere but where it is used: searched for, and its effect looked up."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import psutil
import psycopg
import pytest

from citus.database import scram
from citus.database.errors import StatementFailed
from citus.database.role import RoleProvider
from citus.database.statement import MASK
from citus.endpoint import Node
from tests.live.cluster import Cluster
from tests.live.database.kinds import NEXT_PASSWORD, PASSWORD, role
from tests.live.database.place import Place
from tests.live.declared import Declared
from tests.live.server_log import statements_of_plans, without_why

pytestmark = pytest.mark.live

_WAITING = "SELECT FROM pg_stat_activity WHERE wait_event = 'transactionid'"
_WATCHED = "SELECT concat(application_name, ': ', query) FROM pg_stat_activity"


@pytest.fixture
def made(place: Place) -> Declared:
    resource = Declared(RoleProvider())
    resource.up(role(place))
    return resource


def test_a_password_takes_effect_on_every_node_and_no_log_has_it(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = len(place.cluster.logs())
    with statements_of_plans(place.cluster, monkeypatch) as ran:
        planned = Declared(RoleProvider()).up(role(place))
    logged = place.cluster.logs()
    assert ran.statements == without_why(planned)
    assert PASSWORD not in logged
    assert "SCRAM-SHA-256$" not in logged[before:]
    assert PASSWORD not in "".join(planned)
    assert sum(MASK in entry for entry in planned) == 2
    for node in (place.cluster.coordinator, *place.cluster.workers):
        assert _verifier_fits(place, PASSWORD, node)
        assert _authinfo(place, node) == f"password={PASSWORD}"


def test_a_new_password_takes_effect_on_every_node(place: Place, made: Declared) -> None:
    made.up(replace(role(place), password=NEXT_PASSWORD))
    for node in (place.cluster.coordinator, *place.cluster.workers):
        assert _verifier_fits(place, NEXT_PASSWORD, node)
        assert _authinfo(place, node) == f"password={NEXT_PASSWORD}"
    assert NEXT_PASSWORD not in place.cluster.logs()


def test_who_is_logged_in_stays_so_while_the_password_changes(place: Place, made: Declared) -> None:
    place.by_hand("CREATE SCHEMA {name} AUTHORIZATION {name}")
    with place.cluster.connect(user=place.name, password=PASSWORD) as session:
        session.execute("CREATE TABLE t (id bigint)")
        session.execute("SELECT create_distributed_table('t', 'id', shard_count := 4)")
        session.execute("INSERT INTO t SELECT generate_series(1, 50)")
        made.up(replace(role(place), password=NEXT_PASSWORD))
        assert session.execute("SELECT count(*) FROM t").fetchall() == [(50,)]
    with place.cluster.connect(user=place.name, password=NEXT_PASSWORD) as session:
        assert session.execute("SELECT count(*) FROM t").fetchall() == [(50,)]


def test_authinfo_that_one_node_refuses_is_an_error_without_the_password(
    place: Place, made: Declared
) -> None:
    worker = place.cluster.workers[1]
    place.by_hand("DELETE FROM pg_dist_authinfo WHERE rolename = '{name}'", worker)
    made.refresh()
    with read_only(place.cluster, worker), pytest.raises(StatementFailed) as failed:
        made.up(role(place))
    said = str(failed.value)
    assert said.startswith(f"role {place.name}: ")
    assert "read-only transaction" in said.splitlines()[0]
    assert PASSWORD not in said
    assert PASSWORD not in place.cluster.logs()
    made.up(role(place))
    assert _authinfo(place, worker) == f"password={PASSWORD}"


@pytest.mark.real_only("the stand-in warns of a node that refuses a role, and goes on")
def test_a_password_that_one_node_refuses_changes_nowhere_and_is_not_logged(
    place: Place, made: Declared
) -> None:
    changed = replace(role(place), password=NEXT_PASSWORD)
    with (
        read_only(place.cluster, place.cluster.workers[1]),
        pytest.raises(StatementFailed, match="read-only transaction") as failed,
    ):
        made.up(changed)
    assert NEXT_PASSWORD not in str(failed.value)
    assert "SCRAM-SHA-256" not in str(failed.value)
    assert NEXT_PASSWORD not in place.cluster.logs()
    assert _verifier_fits(place, PASSWORD, place.cluster.coordinator)
    made.up(changed)
    assert _verifier_fits(place, NEXT_PASSWORD, place.cluster.workers[1])


def test_no_command_line_and_no_environment_of_a_server_has_a_password(
    place: Place, made: Declared
) -> None:
    assert made.id
    for server in place.cluster.servers.values():
        postmaster = server.process()
        assert postmaster
        for process in (postmaster, *postmaster.children(recursive=True)):
            shown = " ".join((*_words(process), *_environment(process)))
            assert place.cluster.password not in shown
            assert PASSWORD not in shown


def test_what_a_person_may_read_of_running_statements_has_no_password(place: Place) -> None:
    place.by_hand("CREATE ROLE {name}_watcher IN ROLE pg_read_all_stats")
    Declared(RoleProvider()).up(role(place))
    [[seen]] = place.by_hand("SELECT coalesce(string_agg(query, ' '), '') FROM pg_stat_activity")
    assert PASSWORD not in seen


@pytest.fixture
def watcher(place: Place) -> Iterator[psycopg.Connection[tuple[str]]]:
    """Give a session on a worker of a role that may watch everybody's."""
    worker, name = place.cluster.workers[0], f"{place.name}_watcher"
    alone = "SET citus.enable_ddl_propagation = off;"
    place.by_hand(f"{alone} CREATE ROLE {name} LOGIN PASSWORD 'w' IN ROLE pg_monitor", worker)
    with place.cluster.connect(worker, user=name, password="w") as session:
        yield session
    place.by_hand(f"{alone} DROP ROLE {name}", worker)


def test_who_watches_a_worker_while_it_takes_a_password_does_not_see_it(
    place: Place, made: Declared, watcher: psycopg.Connection[tuple[str]]
) -> None:
    worker = place.cluster.workers[0]
    with ThreadPoolExecutor(1) as pool, place.cluster.connect(worker) as held:
        # The entry of another session, not committed: the new one waits for it, and is seen.
        held.execute("DELETE FROM pg_dist_authinfo WHERE rolename = %s", (place.name,))
        held.autocommit = False
        held.execute("INSERT INTO pg_dist_authinfo VALUES (0, %s, 'password=x')", (place.name,))
        changed = replace(role(place), password=NEXT_PASSWORD)
        running = pool.submit(made.up, changed)
        while not watcher.execute(_WAITING).fetchall():
            assert not running.done()
        seen = " ".join(query for (query,) in watcher.execute(_WATCHED).fetchall())
        held.rollback()
        running.result()
    assert "citus" in seen
    assert NEXT_PASSWORD not in seen
    assert _authinfo(place, worker) == f"password={NEXT_PASSWORD}"


@contextmanager
def read_only(cluster: Cluster, node: Node) -> Iterator[None]:
    """Let every write on one node fail."""
    setting, reload = "default_transaction_read_only", "SELECT pg_reload_conf()"
    cluster.by_hand(f"ALTER SYSTEM SET {setting} = on", node)
    _until_reloaded(cluster, node, reload, "on")
    try:
        yield
    finally:
        cluster.by_hand(f"ALTER SYSTEM RESET {setting}", node)
        _until_reloaded(cluster, node, reload, "off")


def _until_reloaded(cluster: Cluster, node: Node, reload: str, value: str) -> None:
    cluster.by_hand(reload, node)
    while cluster.by_hand("SHOW default_transaction_read_only", node) != [(value,)]:
        pass


def _verifier_fits(place: Place, password: str, node: Node) -> bool:
    [[verifier]] = place.by_hand("SELECT rolpassword FROM pg_authid WHERE rolname = '{name}'", node)
    return scram.fits(password, verifier)


def _authinfo(place: Place, node: Node) -> str:
    query = "SELECT authinfo FROM pg_dist_authinfo WHERE nodeid = 0 AND rolename = '{name}'"
    [[authinfo]] = place.by_hand(query, node)
    return str(authinfo)


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []


def _environment(process: psutil.Process) -> list[str]:
    try:
        return list(process.environ().values())
    except psutil.Error:
        return []
