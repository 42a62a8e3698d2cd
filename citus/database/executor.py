"""What is said to a database: observe, run a plan, try again, translate errors.

Statements of a plan run one at a time under the application name `PLAN`. Everything else
(observations, locks, settings, transaction control) runs under `BOOKKEEPING`, so that a
server's log tells them apart.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, LiteralString

import psycopg
from psycopg import errors, sql

from citus.database import connections
from citus.database.errors import NotReachable, StatementFailed, as_psql_says
from citus.database.retries import ONCE, retrying
from citus.database.session import BOOKKEEPING, PLAN, QUIET, SESSION
from citus.database.statement import Password, Secret, Statement, render
from citus.database.wait import Answer, Failed, Late, Wait, until_done
from citus.endpoint import Endpoint
from citus.errors import Refused
from citus.lifeline import LIFELINE
from citus.progress import while_running


class Database:
    """One session on a server, as its superuser."""

    def __init__(
        self, endpoint: Endpoint, connection: psycopg.Connection[Any], *, lenient: bool
    ) -> None:
        self.endpoint = endpoint
        self.lenient = lenient  # a node that doesn't answer counts as it was recorded
        self._connection = connection

    def rows(self, query: LiteralString | sql.Composed, *values: object) -> list[tuple[Any, ...]]:
        """Observe: run a read-only query and return its rows."""
        try:
            return self._connection.execute(query, values or None).fetchall()
        except psycopg.OperationalError as error:
            raise NotReachable(f"{self.endpoint}: {_first_line(error)}") from None
        except (errors.UndefinedTable, errors.UndefinedFunction) as error:
            raise Refused(
                f"{self.endpoint}: {_first_line(error)}: without the extension citus nothing is "
                "known of nodes and shards; bring a backup back, or `make down`"
            ) from None
        except psycopg.Error as error:
            raise Refused(f"{self.endpoint}: {_first_line(error)}") from None

    def count(self, schema: str, table: str, *, at_most: int) -> int:
        """Count the rows of a table, and stop where there are more than *at_most*."""
        query = sql.SQL("SELECT count(*) FROM (SELECT 1 FROM {}.{} LIMIT {}) AS counted").format(
            sql.Identifier(schema), sql.Identifier(table), sql.Literal(at_most + 1)
        )
        return int(self.rows(query)[0][0])

    def run(self, statements: Sequence[Statement], resource: str) -> None:
        """Run a plan's statements in order; *resource* names it in an error."""
        statements = [statement for statement in statements if statement.text]
        for label, group in itertools.groupby(statements, key=lambda s: s.transaction):
            if label is None:
                for statement in group:
                    self._run_together([statement], resource)
            else:
                self._run_together(list(group), resource)

    def _run_together(self, statements: Sequence[Statement], resource: str) -> None:
        LIFELINE.check()
        current = statements[0]
        try:
            for attempt in retrying(resource) if current.retried else ONCE:
                with attempt:
                    if current.transaction is None:
                        self._run_and_wait(current)
                        continue
                    with self._connection.transaction():
                        for current in statements:
                            self._execute(current)
        except psycopg.Error as error:
            said = error.diag
            message = said.message_primary or _first_line(error)
            more = {"DETAIL": said.message_detail, "HINT": said.message_hint}
            text = as_psql_says(resource, message, more, error.sqlstate)
            raise StatementFailed(
                current.redact(f"{text}\nSTATEMENT: {current.planned()}")
            ) from None
        except Failed as failed:
            raise StatementFailed(f"{resource}: {failed}\nSTATEMENT: {current.planned()}") from None

    def _run_and_wait(self, statement: Statement) -> None:
        if statement.before:
            self._wait(statement.before, statement.before.question)
        answered = self._execute(statement)
        after = statement.after
        if after and not (after.needs_value and answered is None):
            again = (lambda: self._execute(statement)) if statement.again else None
            self._wait(after, after.of(answered), again)

    def _wait(
        self, wait: Wait, question: str, meanwhile: Callable[[], object] | None = None
    ) -> None:
        try:
            until_done(wait, lambda: self._answer(question), meanwhile or (lambda: None))
        except Failed as failed:
            if wait.stops and not isinstance(failed, Late):
                with suppress(psycopg.Error):  # it has ended by itself
                    self._connection.execute(wait.stops.encode())
            raise

    def _answer(self, question: str) -> Answer:
        return Answer(*self._connection.execute(question.encode()).fetchall()[0])

    def _execute(self, statement: Statement) -> object:
        """Run it; give the first value that it has answered."""
        settings = {**statement.settings, **(QUIET if statement.holds_secret else {})}
        text = render(statement, self._reveal)
        connections.set_config(self._connection, {**settings, "application_name": PLAN})
        try:
            with while_running(statement.planned(), self._how_far(statement)):
                cursor = self._connection.execute(text.encode())
            if statement.every_node:
                _check_every_node(cursor)
            row = cursor.fetchone() if cursor.description else None
            return row[0] if row else None
        finally:
            # Fails where the session is lost, or its transaction is to be rolled back: with that
            # the settings go, too.
            with suppress(psycopg.Error):
                before = {name: SESSION.get(name) for name in settings}
                connections.set_config(
                    self._connection, {**before, "application_name": BOOKKEEPING}
                )

    def _how_far(self, statement: Statement) -> Callable[[], str | None] | None:
        """Ask in another session how far the statement is that runs in this one."""

        def ask() -> str | None:
            with (
                suppress(psycopg.Error, NotReachable),
                connections.connected(self.endpoint, patience=0) as other,
            ):
                rows = other.execute(statement.progress.encode()).fetchall()
                return rows[0][0] if rows else None
            return None

        return ask if statement.progress else None

    def _reveal(self, secret: Secret) -> str:
        if isinstance(secret, Password):
            return secret.text
        verifier = self._connection.pgconn.encrypt_password(
            secret.text.encode(), secret.role.encode(), b"scram-sha-256"
        )
        return verifier.decode()


@contextmanager
def connect(
    endpoint: Endpoint, *, patience: float = connections.PATIENCE_SECONDS, lenient: bool = False
) -> Iterator[Database]:
    """Give a session, see `connections.connected`; wait *patience* seconds for a server.

    Raises:
        NotReachable: The server doesn't answer or doesn't let us in.
    """
    with connections.connected(endpoint, patience=patience) as connection:
        yield Database(endpoint, connection, lenient=lenient)


def _check_every_node(cursor: psycopg.Cursor[Any]) -> None:
    """Read what ``run_command_on_all_nodes`` answers: it reports a failure, it raises none."""
    for nodeid, success, result in cursor.fetchall():
        if not success:
            raise psycopg.OperationalError(f"node {nodeid}: {result}")


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0]
