"""Log in to a server, or take a session that an earlier step of this run has left.

A new session costs a login, and Citus opens new connections to the workers in it; a hundred
steps that follow each other spend more on that than on their SQL.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

import psycopg
from psycopg import sql

from citus.database.errors import NotReachable
from citus.database.session import BOOKKEEPING, SESSION
from citus.endpoint import Endpoint
from citus.errors import NoRoute
from citus.lifeline import LIFELINE
from citus.progress import tell
from citus.routes.ways import WAYS

PATIENCE_SECONDS = 15


class IdleSessions:
    """The open sessions that no step uses, by endpoint; the last one that was kept goes first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: defaultdict[Endpoint, list[psycopg.Connection[Any]]] = defaultdict(list)

    def take(self, endpoint: Endpoint) -> psycopg.Connection[Any] | None:
        """Give one that still answers, with the settings `SESSION`."""
        while connection := self._pop(endpoint):
            try:
                set_config(connection, SESSION)
            except psycopg.Error:  # the server was stopped meanwhile
                connection.close()
            else:
                return connection
        return None

    def keep(self, endpoint: Endpoint, connection: psycopg.Connection[Any]) -> None:
        """Leave a session to a later step as new: no settings, locks, temporary tables."""
        try:
            connection.execute("DISCARD ALL")
        except psycopg.Error:
            connection.close()
            return
        with self._lock:
            self._idle[endpoint].append(connection)

    def close(self) -> None:
        """End all that are idle."""
        with self._lock:
            for connections in self._idle.values():
                for connection in connections:
                    connection.close()
            self._idle.clear()

    def _pop(self, endpoint: Endpoint) -> psycopg.Connection[Any] | None:
        with self._lock:
            idle = self._idle[endpoint]
            return idle.pop() if idle else None


IDLE = IdleSessions()


@contextmanager
def connected(endpoint: Endpoint, *, patience: float) -> Iterator[psycopg.Connection[Any]]:
    """Give a session with the settings `SESSION`; wait *patience* seconds for a server.

    It may be one that an earlier step has left, and is left to later ones; what an error has
    ended is closed.
    """
    connection = IDLE.take(endpoint) or _logged_in(endpoint, patience)
    try:
        yield connection
    except BaseException:
        connection.close()
        raise
    IDLE.keep(endpoint, connection)


def set_config(connection: psycopg.Connection[Any], values: Mapping[str, str | None]) -> None:
    """Set all *values* of a session in one round trip; ``None`` is what it logged in with."""
    calls = sql.SQL(", ").join([sql.SQL("set_config(%s, %s, false)")] * len(values))
    connection.execute(
        sql.SQL("SELECT {}").format(calls), list(itertools.chain.from_iterable(values.items()))
    )


def _logged_in(endpoint: Endpoint, patience: float) -> psycopg.Connection[Any]:
    began = time.monotonic()
    while True:
        attempt = time.monotonic()
        try:
            connection = _log_in(endpoint)
        except (psycopg.OperationalError, NoRoute) as raised:
            error = _cause(raised, endpoint, since=attempt)
            limit = PATIENCE_SECONDS if "is starting up" in str(error) else patience
            if time.monotonic() - began >= limit or _is_final(error):
                first_line = str(error).strip().split("\n")[0]
                raise NotReachable(f"{endpoint} is not reachable: {first_line}") from None
            LIFELINE.check()
            time.sleep(0.3)
        else:
            connection.add_notice_handler(
                lambda n: tell(f"{endpoint}: {n.severity}: {n.message_primary}")
            )
            return connection


def _log_in(endpoint: Endpoint) -> psycopg.Connection[Any]:
    way: dict[str, Any] = dict(WAYS.keywords(endpoint))
    connection = psycopg.connect(
        **way,
        dbname=endpoint.database,
        user=endpoint.user,
        password=cast("str", endpoint.password),
        application_name=BOOKKEEPING,
        keepalives_idle=30,
        tcp_user_timeout=10_000,  # ms: a host that is gone without a word
        prepare_threshold=None,  # a prepared statement would add statements of its own
        autocommit=True,
    )
    set_config(connection, SESSION)
    return connection


def _cause(raised: Exception, endpoint: Endpoint, *, since: float) -> Exception:
    """Give why the way was closed, which says more than that it was."""
    if isinstance(raised, NoRoute):
        return raised
    return WAYS.failure(endpoint, since=since) or raised


def _is_final(error: Exception) -> bool:
    """Tell whether waiting would not help."""
    if isinstance(error, NoRoute):
        return error.final
    return "authentication failed" in str(error)
