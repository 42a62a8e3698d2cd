"""Whether the holder of a lock file still lives."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from pathlib import Path

# A process's start is told in ticks since the boot: two clocks that may differ by some tenths.
_CLOCK_SLACK_SECONDS = 2.0


class Holder(Enum):
    """What is known of the run that took a lock."""

    LIVES = "lives"
    DEAD = "dead"
    ELSEWHERE = "on another host"


@dataclass(frozen=True)
class Lock:
    """What the CLI writes into a lock file; the fields that matter."""

    pid: int
    hostname: str
    taken_at: float

    @classmethod
    def read(cls, path: Path) -> Lock | None:
        """Read a lock file; None when it says nothing that can be understood."""
        try:
            said = json.loads(path.read_text())
            taken_at = datetime.fromisoformat(said["timestamp"]).timestamp()
            return cls(int(said["pid"]), str(said["hostname"]), taken_at)
        except (OSError, ValueError, KeyError, TypeError):
            return None


def holder(lock: Lock, *, host: str, started_at: float | None) -> Holder:
    """Decide; *started_at* is when the process that has the pid now started, None if none has."""
    if lock.hostname != host:
        return Holder.ELSEWHERE
    if started_at is None or started_at > lock.taken_at + _CLOCK_SLACK_SECONDS:
        return Holder.DEAD  # nobody has the pid, or somebody who came later
    return Holder.LIVES


def holder_of(lock: Lock) -> Holder:
    """Decide by what runs on this host now."""
    return holder(lock, host=socket.gethostname(), started_at=_start_of(lock.pid))


def _start_of(pid: int) -> float | None:
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return process.create_time()
    except psutil.NoSuchProcess:
        return None
