"""Read a server's log: which statements a plan ran there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from citus.database import connections
from citus.database.session import PLAN
from citus.database.statement import MASK
from tests.live.cluster import Cluster

_ENTRY = re.compile(r"^\d{4}-\d\d-\d\d [\d:.]+ \S+ \[\d+\] ", re.MULTILINE)
_REWRITE = re.compile(r"SELECT (alter_distributed|undistribute)_table")
_CALL = re.compile(r"SELECT \w+\('|DROP TABLE")
_PLANNED = re.compile(re.escape(PLAN) + r" \S* LOG:  (?:statement|execute [^:]*): (.*)", re.DOTALL)


@dataclass
class Ran:
    """What has run under the application name of plans, in order."""

    statements: list[str] = field(default_factory=list)


@contextmanager
def statements_of_plans(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ran]:
    """Record what runs inside, as the coordinator logs it.

    ``log_statement`` is set for the sessions of this process alone, not for those that the
    nodes open to each other: those carry secrets on a server that logs at most DDL.
    """
    log, ran = cluster.servers["coordinator"].log, Ran()
    before = log.stat().st_size
    with monkeypatch.context() as patched:
        patched.setenv("PGOPTIONS", "-c log_statement=all")
        patched.setattr(connections, "IDLE", connections.IdleSessions())  # those log less
        yield ran
        connections.IDLE.close()
    ran.statements = list(_without_citus_own(_statements(log, before)))


def without_why(planned: list[str]) -> list[str]:
    """Take the comments off what a preview shows, and leave out what holds a secret."""
    return [_sql(entry) for entry in planned if MASK not in entry]


def _statements(log: Path, offset: int) -> Iterator[str]:
    text = log.read_bytes()[offset:].decode()
    for entry in _ENTRY.split(text):
        match = _PLANNED.match(entry)
        # The application name itself is set just before and after each statement.
        if match and not match[1].startswith("SELECT set_config($1, $2, false)"):
            # The log indents every line of a statement but the first.
            yield match[1].strip().replace("\n\t", "\n")


def _without_citus_own(statements: Iterable[str]) -> Iterator[str]:
    """Leave out what Citus runs in the same session while it rewrites a table."""
    rewriting = False
    for statement in statements:
        if rewriting and not _CALL.match(statement):
            continue
        rewriting = bool(_REWRITE.match(statement))
        yield statement


def _sql(entry: str) -> str:
    if entry.startswith("-- "):
        return entry.split("\n", 1)[1]
    return entry.rsplit(" -- ", 1)[0]
