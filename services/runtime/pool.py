"""The connections of one process to its database; they outlive a restart of the database."""

from __future__ import annotations

import math
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any

from psycopg import Error
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool

from services.runtime.settings import read_password

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg import Connection

    from services.runtime.settings import Settings

Row = dict[str, Any]

# libpq takes no less than two seconds; a refused connection fails at once anyway.
_CONNECT_TIMEOUT = 2
# psycopg_pool doubles its pauses up to this many seconds of trying. After that the next request
# tries at once, so a short time means that the service is back when its database is.
_RECONNECT_TIMEOUT = 1.0


class Pool:
    """Connections in autocommit mode, whose rows are dictionaries.

    Open from the start: make it after the fork, in the process that uses it.
    """

    def __init__(self, settings: Settings, *, application_name: str) -> None:
        self._timeout = settings.pool_timeout
        self._pool: ConnectionPool[Connection[Row]] = ConnectionPool(
            # Asked anew for each connection: the password's file may have changed.
            kwargs=lambda: _parameters(settings, application_name),
            min_size=1,
            max_size=settings.pool_max_size,
            reconnect_timeout=_RECONNECT_TIMEOUT,
            name=application_name,
            open=True,
        )

    @contextmanager
    def connection(self) -> Iterator[Connection[Row]]:
        """Lend a connection that answered a moment ago.

        Raises:
            psycopg.OperationalError: There was none to be had in the time allowed.
        """
        connection = self._usable_connection()
        try:
            yield connection
        finally:
            self._pool.putconn(connection)

    def ping(self) -> None:
        """Return if the database answers.

        Raises:
            psycopg.OperationalError: It doesn't.
        """
        with self.connection() as connection:
            connection.execute("SELECT 1")

    def pop_stats(self) -> dict[str, int]:
        """Return psycopg_pool's statistics; its counters begin again at 0."""
        return self._pool.pop_stats()

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._pool.closed

    def close(self) -> None:
        """Close all connections, and end the threads that mind them."""
        self._pool.close()

    def _usable_connection(self) -> Connection[Row]:
        # As ConnectionPool(check=…) does, which after a restart of the database would pause for
        # seconds at each dead connection that it meets.
        deadline = monotonic() + self._timeout
        while True:
            connection = self._pool.getconn(timeout=deadline - monotonic())
            try:
                self._pool.check_connection(connection)
            except Error:
                self._pool.putconn(connection)
                # Where one was lost, the others may be too: replace them all now, side by side.
                self._pool.check()
            else:
                return connection


def _parameters(settings: Settings, application_name: str) -> dict[str, Any]:
    milliseconds = math.ceil(settings.statement_timeout * 1000)
    return {
        "host": settings.database_host,
        "port": settings.database_port,
        "dbname": settings.database_name,
        "user": settings.database_user,
        "password": read_password(settings.database_password_file),
        "application_name": application_name,
        "connect_timeout": _CONNECT_TIMEOUT,
        # A server that vanished without a word is given up in the time of a statement.
        "tcp_user_timeout": milliseconds,
        "options": f"-c statement_timeout={milliseconds}",
        "client_encoding": "UTF8",
        # One statement a request: a transaction around it would cost two round trips more.
        "autocommit": True,
        # A pooler between here and the database may hand each statement to another session.
        "prepare_threshold": None,
        "row_factory": dict_row,
    }
