"""How many rows are at stake: counted before a refusal names them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from citus.errors import CitusError

if TYPE_CHECKING:
    from citus.database.executor import Database


_MANY = 1_000_000  # beyond it the exact number says no more, and counting takes long


def of_table(database: Database, schema: str, table: str) -> str:
    """Give ``ads.companies (5 rows)``."""
    try:
        rows = database.count(schema, table, at_most=_MANY)
    except CitusError as error:  # the permit is asked for all the same
        return f"{schema}.{table} (rows not counted: {error})"
    number = f"more than {_MANY:,}" if rows > _MANY else f"{rows:,}"
    return f"{schema}.{table} ({number} row{'' if rows == 1 else 's'})"


def in_schema(database: Database, schema: str) -> list[str]:
    """Give the same for each table of a schema, by name."""
    return [of_table(database, schema, table) for table in tables(database, schema)]


def tables(database: Database, schema: str) -> list[str]:
    """Name the tables of a schema, partitions left out."""
    rows = database.rows(
        "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = %s AND relkind IN ('r', 'p', 'f') AND NOT relispartition"
        " ORDER BY relname",
        schema,
    )
    return [str(row[0]) for row in rows]
