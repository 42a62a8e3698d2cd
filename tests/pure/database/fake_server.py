"""A database that has one object, or none, or doesn't answer, for the providers' own code."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from citus import progress
from citus.database import answers, catalogue_lock
from citus.database import provider as module
from citus.database.distributed_table import DistributedTableProvider
from citus.database.errors import NotReachable
from citus.database.role import RoleProvider
from citus.database.schema import SchemaProvider
from citus.database.tracked import Observed

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

    from citus.database.statement import Statement


@dataclass
class Server:
    """What there is, what a run makes of it, and all that was run.

    Attributes:
        has: The object as the database has it.
        becomes: The same after statements have run.
        tables: The number of rows of each table in a schema.
        facts: What an observation tells beside the object.
        answers: Whether it lets anybody in.
        ran: The statements as the preview shows them.
    """

    has: Any = None
    becomes: Any = None
    tables: dict[str, int] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=lambda: {"colocation_id": 7})
    answers: bool = True
    ran: list[str] = field(default_factory=list)

    @contextmanager
    def connect(self, _endpoint: object, **_: object) -> Iterator[Server]:
        if not self.answers:
            raise NotReachable("127.0.0.1:15432 is not reachable: connection refused")
        yield self

    def observe(self, wanted: Any) -> Observed[Any] | None:
        """Find it by its name, as the catalogue does."""
        found = self.has is not None and self.has.title == wanted.title
        return Observed(self.has, self.facts) if found else None

    def rows(self, _query: object, _schema: str) -> list[tuple[str]]:
        """Name the tables of the schema."""
        return [(name,) for name in sorted(self.tables)]

    def count(self, _schema: str, table: str, *, at_most: int) -> int:
        return min(self.tables[table], at_most + 1)

    def run(self, statements: list[Statement], _resource: str) -> None:
        self.ran += [statement.planned() for statement in statements]
        self.has = self.becomes if statements else self.has


def install(monkeypatch: pytest.MonkeyPatch) -> Server:
    """Let the providers find this server wherever they connect."""
    server = Server()
    monkeypatch.setattr(module, "connect", server.connect)
    monkeypatch.setattr(catalogue_lock, "held", nullcontext)
    monkeypatch.setattr(answers, "require_members", lambda *_: None)
    monkeypatch.setattr(progress, "_warned", set())
    monkeypatch.setattr(SchemaProvider, "require", lambda *_: None)
    monkeypatch.setattr(DistributedTableProvider, "require", lambda *_: None)
    for provider in (SchemaProvider, RoleProvider, DistributedTableProvider):
        monkeypatch.setattr(
            provider, "observe", lambda _self, database, wanted: database.observe(wanted)
        )
    return server
