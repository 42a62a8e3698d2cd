"""The users in the database. No schema is named: the role's ``search_path`` finds its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from services.runtime.pool import Pool, Row
    from services.user.validation import NewUser, Page

# Rows fetched at once: enough to hide the round trip, few enough to hold in memory.
_BATCH = 1000

_INSERT = sql.SQL("INSERT INTO users (name, email) VALUES {} RETURNING id")
_ROW = sql.SQL("(%s, %s)")
_SELECT = "SELECT id, name, email FROM users WHERE id > %s ORDER BY id LIMIT %s"


class UserStore:
    """Adds users and lists them; errors are psycopg's."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def add(self, users: Sequence[NewUser]) -> list[int]:
        """Insert all *users* or none, by one statement; return their ids in the same order."""
        # Not INSERT … SELECT FROM unnest(…): Citus would pull that through its coordinator
        # (ten users: 2.0 ms instead of 0.8). VALUES go to the shard as they are.
        statement = _INSERT.format(sql.SQL(", ").join([_ROW] * len(users)))
        values = [value for user in users for value in (user.name, user.email)]
        with self._pool.connection() as connection:
            rows = connection.execute(statement, values).fetchall()
        # The sequence numbers VALUES from the first; RETURNING promises no order.
        return sorted(row["id"] for row in rows)

    def batches(self, page: Page) -> Iterator[list[Row]]:
        """Yield the users of *page* by id, at least one batch, the last of which may be empty.

        Each batch borrows a connection for itself, so a slow client holds none and a big table
        is never in memory whole. What's listed is each user that was there all the while.
        """
        after, left = page.after, page.limit
        while True:
            size = _BATCH if left is None else min(_BATCH, left)
            with self._pool.connection() as connection:
                rows = connection.execute(_SELECT, (after, size)).fetchall()
            yield rows
            left = None if left is None else left - len(rows)
            if len(rows) < size or left == 0:
                return
            after = rows[-1]["id"]
