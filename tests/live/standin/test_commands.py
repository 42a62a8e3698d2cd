"""Commands on all nodes, and the roles that must be there before one runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from tests.live.standin.answers import ask

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.live.standin.engines import Cluster

pytestmark = pytest.mark.live

# What a client sends that carries a secret: one statement that silences the log first.
AUTHINFO = """
    WITH quiet AS MATERIALIZED (
        SELECT set_config('log_min_error_statement', 'panic', true),
               set_config('log_error_verbosity', 'terse', true))
    INSERT INTO pg_dist_authinfo (nodeid, rolename, authinfo)
    SELECT 0, '{role}', 'password={password}' FROM quiet
    ON CONFLICT (rolename, nodeid) DO UPDATE SET authinfo = excluded.authinfo"""


def on_all(connection: psycopg.Connection[Any], command: str, options: str = "") -> set[Any]:
    """Run a command on all four nodes; the set of their answers."""
    answer = ask(
        connection,
        "SELECT success, result "
        f"FROM run_command_on_all_nodes($command${command}$command${options})",
    )
    assert answer.failure is None
    assert len(answer.rows) == 4
    return set(answer.rows)


@pytest.fixture
def role(admin: psycopg.Connection[Any]) -> Iterator[str]:
    """A role that can log in, and is gone on every node afterwards."""
    ask(admin, "CREATE ROLE visitor")
    ask(admin, "ALTER ROLE visitor LOGIN PASSWORD 'first' CONNECTION LIMIT 7")
    yield "visitor"
    on_all(admin, "DELETE FROM pg_dist_authinfo")
    ask(admin, "DROP ROLE visitor")
    on_all(admin, "SELECT 1")


@pytest.mark.parametrize("options", ["", ", parallel := false"])
@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("SELECT current_user", (True, "postgres")),
        ("SELECT true", (True, "t")),
        ("SELECT NULL::int", (True, "")),
        ("SELECT 1 WHERE false", (True, "")),
        ("SELECT 1; SELECT 2", (True, "1")),
        ("UPDATE pg_dist_node SET noderack = '' WHERE false", (True, "UPDATE 0")),
        ("SELECT 1, 2", (False, "expected a single column in query target")),
        ("SELECT 1 UNION SELECT 2", (False, "expected a single row in query result")),
        ("SELECT 1/0", (False, "ERROR:  division by zero")),
        ("nonsense", (False, 'ERROR:  syntax error at or near "nonsense"')),
        ("", (False, "")),
    ],
)
def test_one_answer_a_node(
    admin: psycopg.Connection[Any], command: str, options: str, answer: tuple[bool, str]
) -> None:
    assert on_all(admin, command, options) == {answer}


def test_a_failure_warns_when_asked_to(admin: psycopg.Connection[Any]) -> None:
    answer = ask(
        admin,
        "SELECT nodeid FROM run_command_on_all_nodes('SELECT 1/0', "
        "give_warning_for_connection_errors := true)",
    )
    assert sorted(answer.notices) == sorted(
        f"WARNING: Error on node with node id {nodeid}: ERROR:  division by zero"
        for (nodeid,) in answer.rows
    )


def test_other_selections_of_nodes(admin: psycopg.Connection[Any], cluster: Cluster) -> None:
    workers = ask(admin, "SELECT * FROM run_command_on_workers('SELECT 3') ORDER BY nodeport")
    assert workers.rows == [(*worker.address, True, "3") for worker in cluster.workers]
    coordinator = ask(admin, "SELECT success, result FROM run_command_on_coordinator('SELECT 3')")
    assert coordinator.rows == [(True, "3")]


def test_authinfo_is_written_twice_by_one_statement(
    admin: psycopg.Connection[Any], role: str
) -> None:
    for password in ("wrong", "first"):
        statement = AUTHINFO.format(role=role, password=password)
        assert on_all(admin, statement) == {(True, "INSERT 0 1")}
        assert on_all(admin, "SELECT authinfo FROM pg_dist_authinfo") == {
            (True, f"password={password}")
        }


@pytest.mark.parametrize(
    ("who", "authinfo", "constraint"),
    [
        ("nobody", "password=x", "role_exists"),
        ("visitor", "host=x", "authinfo_valid"),
        ("visitor", "password", "authinfo_valid"),
        ("visitor", "=", "authinfo_valid"),
    ],
)
@pytest.mark.usefixtures("role")
def test_authinfo_is_checked(
    admin: psycopg.Connection[Any], who: str, authinfo: str, constraint: str
) -> None:
    failure = ask(admin, f"INSERT INTO pg_dist_authinfo VALUES (0, '{who}', '{authinfo}')").failure
    assert failure is not None
    assert failure.sqlstate == "23514"
    assert f'violates check constraint "{constraint}"' in failure.message


def test_a_role_logs_in_on_every_node(
    admin: psycopg.Connection[Any], cluster: Cluster, role: str
) -> None:
    on_all(admin, AUTHINFO.format(role=role, password="first"))
    for worker in cluster.workers:
        with worker.connect(role, "first") as connection:
            assert ask(connection, "SELECT current_user").value == role
            limit = ask(connection, "SELECT rolconnlimit FROM pg_roles WHERE rolname = 'visitor'")
            assert limit.value == 7
    with cluster.coordinator.connect(role, "first") as connection:
        assert on_all(connection, "SELECT current_user") == {(True, role)}


def test_a_role_without_authinfo_reaches_no_node(cluster: Cluster, role: str) -> None:
    with cluster.coordinator.connect(role, "first") as connection:
        answers = on_all(connection, "SELECT 1")
    servers = [cluster.coordinator, *cluster.workers]
    assert answers == {(False, f"failed to connect to 127.0.0.1:{s.port}") for s in servers}


def test_changes_of_a_role_follow(admin: psycopg.Connection[Any], role: str) -> None:
    ask(admin, f"ALTER ROLE {role} CONNECTION LIMIT 3 VALID UNTIL '2100-01-01 UTC'")
    ask(admin, f"ALTER ROLE {role} SET search_path = one, two")
    ask(admin, f"""CREATE ROLE "It's" IN ROLE {role}""")
    assert on_all(
        admin,
        "SELECT format('%s %s %s', rolconnlimit, rolvaliduntil AT TIME ZONE 'UTC', rolconfig) "
        "FROM pg_roles WHERE rolname = 'visitor'",
    ) == {(True, '3 2100-01-01 00:00:00 {"search_path=one, two"}')}
    member = "SELECT member::regrole FROM pg_auth_members WHERE roleid = 'visitor'::regrole"
    assert on_all(admin, member) == {(True, '''"It's"''')}
    ask(admin, """DROP ROLE "It's" """)
    assert on_all(admin, """SELECT to_regrole('"It''s"')""") == {(True, "")}


def test_a_role_that_is_gone_is_gone_everywhere(
    admin: psycopg.Connection[Any], cluster: Cluster
) -> None:
    ask(admin, "CREATE ROLE passing LOGIN PASSWORD 'p'")
    assert on_all(admin, "SELECT to_regrole('passing')") == {(True, "passing")}
    ask(admin, "DROP ROLE passing")
    assert on_all(admin, "SELECT to_regrole('passing')") == {(True, "")}
    with pytest.raises(psycopg.OperationalError):
        cluster.workers[0].connect("passing", "p")


def test_no_verifier_in_a_log(admin: psycopg.Connection[Any], cluster: Cluster, role: str) -> None:
    on_all(admin, AUTHINFO.format(role=role, password="first"))
    for server in [cluster.coordinator, *cluster.workers]:
        assert "SCRAM-SHA-256$" not in server.log()
