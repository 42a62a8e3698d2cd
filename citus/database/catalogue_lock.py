"""The lock that keeps two runs, and two steps of one run, from changing a cluster at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from citus.errors import CitusError, Refused
from citus.lifeline import LIFELINE
from citus.progress import tell

if TYPE_CHECKING:
    from citus.database.executor import Database

KEY = 0x43495455  # one number for all clients of one cluster
_PATIENCE_SECONDS = 600
_PROGRESS_SECONDS = 5
_IS_HELD = f"""
SELECT count(*) > 0 FROM pg_locks
WHERE locktype = 'advisory' AND (classid, objid, objsubid) = (0, {KEY}, 1) AND granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""
# The steps of this run queue up here, and only the first asks the server, again and again.
_OWN_TURN = threading.Lock()


@contextmanager
def held(database: Database) -> Iterator[None]:
    """Wait for the lock, and keep it while inside.

    Raises:
        Refused: Another run has held it for ten minutes.
    """
    with _OWN_TURN:
        _wait(database)
        try:
            yield
        finally:
            # Now, not when the session has ended: the next step asks at once. A session that
            # is broken has lost the lock already.
            with suppress(CitusError):
                database.rows("SELECT pg_advisory_unlock(%s)", KEY)


def is_held(database: Database) -> bool:
    """Tell whether a step is at work, whose changes may not be seen yet."""
    return bool(database.rows(_IS_HELD)[0][0])


def _wait(database: Database) -> None:
    waited = 0.0
    while not database.rows("SELECT pg_try_advisory_lock(%s)", KEY)[0][0]:
        if waited >= _PATIENCE_SECONDS:
            raise Refused(
                f"{database.endpoint}: another run has held the cluster's lock for "
                f"{waited:.0f} s: let it end, then run this again"
            )
        if waited and waited % _PROGRESS_SECONDS == 0:
            tell(f"{database.endpoint}: waiting for another run to end ({waited:.0f} s)")
        LIFELINE.check()
        time.sleep(0.5)
        waited += 0.5
