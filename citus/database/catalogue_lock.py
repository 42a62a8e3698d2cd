"""The lock that keeps two runs from changing one cluster at the same time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from citus.database.executor import Database
from citus.errors import Refused
from citus.lifeline import LIFELINE
from citus.progress import tell

KEY = 0x43495455  # one number for all clients of one cluster
_PATIENCE_SECONDS = 600
_PROGRESS_SECONDS = 5


@contextmanager
def held(database: Database) -> Iterator[None]:
    """Wait for the lock, and keep it until *database*'s session ends.

    Raises:
        Refused: Another run has held it for ten minutes.
    """
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
    yield  # the session ends with the operation, and the lock with the session
