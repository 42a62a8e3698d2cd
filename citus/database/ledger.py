"""Which files were applied to which schema: ``citus_pulumi.migrations``, on the coordinator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from citus.database.statement import Statement, identifier

if TYPE_CHECKING:
    from citus.database.executor import Database

BEGUN = ""  # stands for the checksum of a file that was begun
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


def enter(
    schema: str, file: str, checksum: str, why: str, transaction: str | None = None
) -> Statement:
    """Give the statement that enters a file."""
    sql = (
        "INSERT INTO citus_pulumi.migrations (schema_id, schema_name, file, checksum) "
        "VALUES ({regnamespace}::regnamespace, {schema}, {file}, {checksum})"
    )
    values = {"schema": schema, "file": file, "checksum": checksum}
    values["regnamespace"] = identifier(schema)
    return Statement(sql, values, why, transaction=transaction)


def finish(
    schema: str, file: str, checksum: str, why: str, transaction: str | None = None
) -> Statement:
    """Give the statement that writes the checksum of a file that was begun."""
    sql = (
        "UPDATE citus_pulumi.migrations SET checksum = {checksum}, applied_at = now() "
        "WHERE schema_id = {regnamespace}::regnamespace AND file = {file}"
    )
    values = {"file": file, "checksum": checksum, "regnamespace": identifier(schema)}
    return Statement(sql, values, why, transaction=transaction)


def files(database: Database, schema: str) -> tuple[bool, dict[str, str]]:
    """Tell whether there is a ledger, and the checksums of the schema's files in it."""
    exists = database.rows("SELECT to_regclass('citus_pulumi.migrations') IS NOT NULL")[0][0]
    if not exists:
        return False, {}
    rows = database.rows(
        "SELECT file, checksum FROM citus_pulumi.migrations WHERE schema_id = to_regnamespace(%s)",
        identifier(schema),
    )
    return True, dict(rows)
