"""Which nodes answer: a change that needs one that is down is refused before it has begun."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import TYPE_CHECKING

import tenacity

from citus.endpoint import Address, worker_name
from citus.errors import Refused

if TYPE_CHECKING:
    from citus.database.executor import Database

PATIENCE_SECONDS = 15  # for a worker that has just come up
_ANSWERS = """
SELECT name, citus_check_connection_to_node(host, port)
FROM unnest(%s::text[], %s::text[], %s::int[]) AS t(name, host, port)"""
_MEMBERS = """
SELECT groupid, nodename, nodeport FROM pg_dist_node
WHERE noderole = 'primary' AND isactive AND groupid <> 0 ORDER BY groupid"""


def require(
    database: Database,
    workers: Mapping[str, Address],
    changed: str = "the nodes",
    undeclared: Container[str] = (),
) -> None:
    """Refuse to change something while one of *workers* is down: Citus needs them all.

    What is *undeclared* is started by no `up` until it is declared again.
    """
    for attempt in tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(Refused),
        wait=tenacity.wait_fixed(1),
        stop=tenacity.stop_after_delay(PATIENCE_SECONDS),
        reraise=True,
    ):
        with attempt:
            _require(database, workers, changed, undeclared)


def require_members(database: Database, changed: str) -> None:
    """Refuse to change something while a worker that takes part is down."""
    rows = database.rows(_MEMBERS)
    workers = {worker_name(group - 1): Address(host, port) for group, host, port in rows}
    require(database, workers, changed)


def require_lost(database: Database, workers: Mapping[str, Address]) -> None:
    """Refuse to give up a node that answers."""
    if found := [name for name, answered in _answers(database, workers) if answered]:
        raise Refused(
            f"{' and '.join(found)} can't be given up: it answers. Take it out of "
            "citus:lostWorkers, and its shards move to the other workers before it goes"
        )


def _require(
    database: Database, workers: Mapping[str, Address], changed: str, undeclared: Container[str]
) -> None:
    silent = [name for name, answered in _answers(database, workers) if not answered]
    if silent:
        do, it = ("does", "it") if len(silent) == 1 else ("do", "them")
        start = f"start {it}, then run this again"
        if again := " and ".join(name for name in silent if name in undeclared):
            start += f" (`make up` starts what is declared: declare {again} once more)"
        raise Refused(
            f"{' and '.join(f'{name} ({workers[name]})' for name in silent)} {do} not answer, and "
            f"{changed} can't be changed without {it}: {start}; nothing was changed. "
            "docs/kinds.md tells how to give up a worker that is lost for good"
        )


def _answers(database: Database, workers: Mapping[str, Address]) -> list[tuple[str, bool]]:
    hosts, ports = [w.host for w in workers.values()], [w.port for w in workers.values()]
    return [(name, ok) for name, ok in database.rows(_ANSWERS, [*workers], hosts, ports)]
