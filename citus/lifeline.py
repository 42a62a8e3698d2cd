"""A provider's life hangs on the CLI's.

When the Pulumi CLI is killed, the process of the dynamic providers is not: its parent is
a shell wrapper that survives. Left alone it would go on with its plan while the next
`up` begins. So it watches its grandparent, the CLI: once that has died, the statement
that runs is finished, no other is begun, and the process ends.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil

from citus.errors import Orphaned
from citus.process import lives

_POLL_SECONDS = 0.5


class _Lifeline:
    """Counts the operations that run, and knows whether the CLI still lives."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._watching = False
        self._running = 0
        self._orphaned = False

    def watch(self) -> None:
        """Begin to watch the CLI; further calls change nothing."""
        with self._lock:
            if self._watching:
                return
            self._watching = True
        threading.Thread(target=self._poll, args=(_cli(),), daemon=True).start()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep the process alive until the operation inside has come to a safe end."""
        with self._lock:
            self._running += 1
        try:
            yield
        finally:
            with self._lock:
                self._running -= 1

    def check(self) -> None:
        """Raise `Orphaned` where a next step would begin after the CLI's death."""
        if self._orphaned:
            raise Orphaned("the Pulumi CLI has ended: the rest is left to the next run")

    def _poll(self, cli: psutil.Process | None) -> None:
        while cli is not None and lives(cli):
            time.sleep(_POLL_SECONDS)
        self._orphaned = True
        while self._running:
            time.sleep(_POLL_SECONDS / 10)
        os._exit(0)


def _cli() -> psutil.Process | None:
    """Find the CLI: the grandparent, unless that has died and left us to the first process."""
    with suppress(psutil.Error):
        parent = psutil.Process().parent()
        grandparent = parent.parent() if parent else None
        # In a container the CLI itself may be the first process.
        if grandparent and (grandparent.pid != 1 or grandparent.name().startswith("pulumi")):
            return grandparent
    return None


LIFELINE = _Lifeline()
