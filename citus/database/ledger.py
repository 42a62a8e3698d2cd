"""The ledger: a table on the coordinator with a row for each file that was begun or applied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from citus.database import valid_indexes
from citus.database.statement import Statement, identifier

if TYPE_CHECKING:
    from citus.database.executor import Database

MAKE = (
    Statement("CREATE SCHEMA IF NOT EXISTS citus_pulumi", why="holds the ledger of files"),
    Statement(
        # By its OID, so that a schema that was dropped and made again is a new one.
        "CREATE TABLE IF NOT EXISTS citus_pulumi.migrations (schema_id oid NOT NULL, "
        "schema_name text NOT NULL, file text NOT NULL, checksum text NOT NULL, "
        "applied_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (schema_id, file))",
        why="the ledger of files, on the coordinator",
    ),
)
BEGUN = ""  # stands for the checksum of a file that was begun
_ENTER = (
    "INSERT INTO citus_pulumi.migrations (schema_id, schema_name, file, checksum) "
    "VALUES ({regnamespace}::regnamespace, {schema}, {file}, {checksum})"
)
_FINISH = (
    "UPDATE citus_pulumi.migrations SET checksum = {checksum}, applied_at = now() "
    "WHERE schema_id = {regnamespace}::regnamespace AND file = {file}"
)


def enter(
    schema: str, file: str, checksum: str, why: str, transaction: str | None = None
) -> Statement:
    """Give a file its row."""
    return Statement(_ENTER, _values(schema, file, checksum), why, transaction=transaction)


def finish(schema: str, file: str, checksum: str, why: str) -> Statement:
    """Give the row of a file that was begun its checksum, once all it has made is valid."""
    values = _values(schema, file, checksum)
    return Statement(_FINISH, values, why, before=valid_indexes.all_valid(schema))


def exists(database: Database) -> bool:
    """Tell whether there is a ledger."""
    return bool(
        database.rows("SELECT to_regclass('citus_pulumi.migrations') IS NOT NULL")[0][0],
    )


def files(database: Database, schema: str) -> dict[str, str]:
    """Read the checksum of each file of a schema."""
    return dict(
        database.rows(
            "SELECT file, checksum FROM citus_pulumi.migrations"
            " WHERE schema_id = to_regnamespace(%s)",
            identifier(schema),
        )
    )


def _values(schema: str, file: str, checksum: str) -> dict[str, str]:
    regnamespace = identifier(schema)
    return {"schema": schema, "file": file, "checksum": checksum, "regnamespace": regnamespace}
