"""Read a cluster; a node that is down costs its sizes alone."""

from __future__ import annotations

import json
from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from citus.database.errors import NotReachable
from citus.database.session import connect
from citus.endpoint import Address, Endpoint, worker_name
from citus.errors import Refused
from tools.live_cluster import queries
from tools.live_cluster.values import Cluster, Node, Placement, Schema, Table

if TYPE_CHECKING:
    from citus.database.executor import Database


@dataclass(frozen=True)
class _Answer:
    """What a node has told of its shards, or why it has not."""

    silent: str
    sizes: Mapping[int, int | None] = field(default_factory=dict)


_NOT_ASKED = _Answer("it has not told its sizes")


@contextmanager
def reading(endpoint: Endpoint) -> Iterator[Database]:
    """Give a session that can't write; it waits for nobody.

    Raises:
        NotReachable: The coordinator doesn't answer or doesn't let us in.
    """
    with connect(endpoint, patience=0) as database:
        database.rows(queries.SESSION)
        yield database


def read_cluster(database: Database) -> Cluster:
    """Read all but the health and the moves.

    Raises:
        Refused: The database has no Citus.
    """
    versions = database.rows(queries.VERSION)
    if not versions:
        raise Refused(f"{database.endpoint} has no extension citus: `make up` makes it")
    name, version = versions[0]
    answers = _read_answers(database, standin=version.endswith("-standin"))
    tables = tuple(Table(*row) for row in database.rows(queries.TABLES))
    return Cluster(
        database=name,
        citus_version=version,
        nodes=tuple(_nodes(database, answers)),
        schemas=tuple(Schema(*row) for row in database.rows(queries.SCHEMAS)),
        tables=tables,
        placements=tuple(_placements(database, answers, {table.qualified for table in tables})),
    )


def _read_answers(database: Database, *, standin: bool) -> dict[int, _Answer]:
    """Ask every node for the sizes of its shards; by groupid."""
    query = queries.STANDIN_SIZES if standin else queries.SIZES
    try:
        return {group: _answer(success, text) for group, success, text in database.rows(query)}
    except NotReachable:  # one has taken the request, and hangs
        return {}


def _answer(success: bool, text: str | None) -> _Answer:  # noqa: FBT001 - a column
    if not success:
        return _Answer(silent=(text or "it does not answer").split("\n")[0])
    sizes = json.loads(text) if text else None  # a node without shards tells none
    return _Answer("", {int(shardid): size for shardid, size in (sizes or {}).items()})


def _nodes(database: Database, answers: Mapping[int, _Answer]) -> Iterator[Node]:
    for groupid, host, port, active, for_shards, synced in database.rows(queries.NODES):
        name = worker_name(groupid - 1) if groupid else "coordinator"
        silent = answers.get(groupid, _NOT_ASKED).silent
        yield Node(groupid, name, Address(host, port), active, for_shards, synced, silent)


def _placements(
    database: Database, answers: Mapping[int, _Answer], tables: Container[str]
) -> Iterator[Placement]:
    """Give those of tables that were read: others may be an extension's, or new by a moment."""
    for shardid, table, colocation, slot, groupid in database.rows(queries.PLACEMENTS):
        if table in tables:
            size = answers.get(groupid, _NOT_ASKED).sizes.get(shardid)
            yield Placement(shardid, table, colocation, slot, groupid, size)
