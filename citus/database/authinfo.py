"""How nodes log in to each other as a role: ``pg_dist_authinfo``, on every node.

Citus carries this table nowhere, and a node that runs a query of a role reads its own. So it is
written, and read, by ``run_command_on_all_nodes``, which logs in to each node for every call.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from citus.database import answers
from citus.database.errors import NotReachable
from citus.database.statement import Password, Statement
from citus.endpoint import Endpoint
from citus.progress import warn_once

if TYPE_CHECKING:
    from citus.database.executor import Database

# Runs first, and holds no secret: a node that refuses to be written to (a standby, a read-only
# or a locked one) refuses this one. It would log the next before that silences anything.
_TOUCH = "UPDATE pg_dist_authinfo SET authinfo = authinfo WHERE rolename = {role}"
# One statement that silences the log first: a failing one would be logged on every node
# with its values, and a SET before it would hide the failure.
_WRITE = (
    "WITH quiet AS MATERIALIZED (SELECT set_config('log_min_error_statement', 'panic', true), "
    "set_config('log_error_verbosity', 'terse', true)) "
    "INSERT INTO pg_dist_authinfo (nodeid, rolename, authinfo) "
    "SELECT 0, {role}, {authinfo} FROM quiet "
    "ON CONFLICT (rolename, nodeid) DO UPDATE SET authinfo = excluded.authinfo"
)
_FORGET = "DELETE FROM pg_dist_authinfo WHERE rolename = {role}"
_ON_EVERY_NODE = "SELECT nodeid, success, result FROM run_command_on_all_nodes({command})"
# Spaces before the text with the secret: a node's view of running statements shows so many bytes,
# and a session that Citus opens there can be told nothing before it has the text.
_UNSEEN_ON_EVERY_NODE = (
    "SELECT nodeid, success, result FROM run_command_on_all_nodes((SELECT repeat(' ', "
    "max(result::int)) FROM run_command_on_all_nodes('SELECT setting FROM pg_settings "
    "WHERE name = ''track_activity_query_size''')) || {command})"
)
_ALL = "SELECT json_object_agg(rolename, authinfo) FROM pg_dist_authinfo WHERE nodeid = 0"

_FRESH_SECONDS = 1.0


class NodeEntries(NamedTuple):
    """What a node knows: the authinfo of each role, or ``None`` where it does not answer."""

    node: str
    entries: dict[str, str] | None


def write(role: str, password: str) -> Iterator[Statement]:
    """Give what makes every node know a role's password."""
    authinfo = Password(password, before="password=")
    touch = Statement(_TOUCH, {"role": role})
    entry = Statement(_WRITE, {"role": role, "authinfo": authinfo})
    yield _on_every_node(touch, "no password is sent before every node can be written to")
    why = f"nodes reach each other as {role}; the spaces keep it out of pg_stat_activity"
    yield Statement(_UNSEEN_ON_EVERY_NODE, {"command": entry}, why, every_node=True)


def forget(role: str) -> Statement:
    """Give what takes a role's password off every node."""
    return _on_every_node(Statement(_FORGET, {"role": role}), "no node keeps its password")


def nodes_that_know(
    database: Database, role: str, password: str | None, recorded: tuple[str, ...]
) -> tuple[str, ...]:
    """Name those of the *recorded* nodes that have the entry of a role.

    A node that doesn't answer counts as recorded where the session is lenient.

    Raises:
        Refused: A worker doesn't answer, elsewhere.
        NotReachable: A node can't be asked, elsewhere.
    """
    expected = f"password={password}"
    known = {
        node
        for node, entries in _seen(database, role)
        if entries is None or entries.get(role) == expected
    }
    return tuple(node for node in recorded if node in known)


def _on_every_node(command: Statement, why: str) -> Statement:
    return Statement(_ON_EVERY_NODE, {"command": command}, why, every_node=True)


class _Refresh:
    """What the reads of one refresh share: a hundred roles log in to each node once."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.read: dict[Endpoint, tuple[float, list[NodeEntries]]] = {}


_REFRESH = _Refresh()


def _seen(database: Database, role: str) -> list[NodeEntries]:
    if not database.lenient:  # what a plan is made from is never old
        return _look(database, role)
    with _REFRESH.lock:
        at, seen = _REFRESH.read.get(database.endpoint, (0.0, []))
        if not seen or time.monotonic() - at > _FRESH_SECONDS:
            seen = _look(database, role)
            _REFRESH.read[database.endpoint] = (time.monotonic(), seen)
        return seen


def _look(database: Database, role: str) -> list[NodeEntries]:
    rows = database.rows(
        "SELECT n.nodename || ':' || n.nodeport, r.success, r.result"
        " FROM run_command_on_all_nodes(%s) r JOIN pg_dist_node n USING (nodeid)",
        _ALL,
    )
    for node, result in [(node, result) for node, success, result in rows if not success]:
        if not database.lenient:
            answers.require_members(database, f"role {role}")
            raise NotReachable(f"{node} does not answer: {result}")
        warn_once(node, f"{node} does not answer: {result}")
    return [
        NodeEntries(node, json.loads(result or "{}") if success else None)
        for node, success, result in rows
    ]
