"""The results in the database. No schema is named: the role's ``search_path`` finds its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.runtime.pool import Pool

_INSERT = "INSERT INTO ping_results (host, result) VALUES (%s, %s)"


class ResultStore:
    """Keeps what ping said; errors are psycopg's."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def add(self, host: str, result: str) -> None:
        """Insert a result."""
        with self._pool.connection() as connection:
            connection.execute(_INSERT, (host, result))
