"""The queries in the database. No schema is named: the role's ``search_path`` finds its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from services.runtime.pool import Pool
    from services.time.client import Address

_INSERT = "INSERT INTO query_details (ip_address, query_time) VALUES (%s, %s)"


class QueryStore:
    """Keeps who asked when; errors are psycopg's."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def add(self, address: Address, time: datetime) -> None:
        """Insert a query; the column has no zone, so *time* is UTC without one."""
        with self._pool.connection() as connection:
            connection.execute(_INSERT, (address, time))
