"""Whether somebody else's process lives.

One that has ended is a zombie until its parent reaps it, and the first process of many containers
does that late or never: to wait until nothing of it is left may take for ever.
"""

from __future__ import annotations

import time
from contextlib import suppress

import psutil

_POLL_SECONDS = 0.02


def lives(process: psutil.Process) -> bool:
    """Tell whether it runs; a zombie doesn't."""
    # is_running compares the start time too: a reused pid is another process.
    with suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def ends_within(seconds: float, *processes: psutil.Process) -> bool:
    """Wait until none of them lives; tell whether that came in time."""
    deadline = time.monotonic() + seconds
    while any(lives(process) for process in processes):
        if time.monotonic() >= deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True
