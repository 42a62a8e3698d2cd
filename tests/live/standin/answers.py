"""What a statement answers: rows, notices, error, in a form that two engines can share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg

if TYPE_CHECKING:
    from psycopg.errors import Diagnostic

# Citus moves rows and drops objects of its own, and says so; the stand-in does neither.
UNSAID = ("Copying data from local table...", "copying the data has completed", "drop cascades to")


@dataclass(frozen=True)
class Failure:
    """An error as psql shows it, without the context, which is each engine's own."""

    sqlstate: str
    message: str
    detail: str | None = None
    hint: str | None = None


@dataclass(frozen=True)
class Answer:
    """All that comes back for one statement."""

    rows: list[tuple[Any, ...]]
    notices: list[str]
    failure: Failure | None = None

    @property
    def value(self) -> Any:
        """The only value of the only row."""
        assert self.failure is None, self.failure
        ((value,),) = self.rows
        return value


def ask(connection: psycopg.Connection[Any], statement: str) -> Answer:
    """Run one statement and keep what it says, whether it succeeds or not."""
    notices: list[str] = []

    def keep(said: Diagnostic) -> None:
        text = said.message_primary or ""
        if not text.startswith(UNSAID):
            notices.append(f"{said.severity}: {text}")

    connection.add_notice_handler(keep)
    try:
        cursor = connection.execute(statement.encode())
        rows = cursor.fetchall() if cursor.description else []
        return Answer(rows, notices)
    except psycopg.Error as error:
        said = error.diag
        failure = Failure(
            said.sqlstate or "", said.message_primary or "", said.message_detail, said.message_hint
        )
        return Answer([], notices, failure)
    finally:
        connection.remove_notice_handler(keep)
