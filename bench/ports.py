"""Ports that nothing listens on, in one run."""

from __future__ import annotations

import socket
from contextlib import ExitStack

from bench.failure import BenchFailed

HOST = "127.0.0.1"
# Below those that systems give to whoever asks for any.
_RANGE = range(20000, 32000)


def free_run(count: int) -> int:
    """Give the first of *count* ports in a row that are free."""
    for base in _RANGE[:: count + 1]:
        if all_free(range(base, base + count)):
            return base
    raise BenchFailed(f"no {count} free ports in a row between {_RANGE[0]} and {_RANGE[-1]}")


def all_free(ports: range) -> bool:
    """Hold all of them for a moment."""
    with ExitStack() as held:
        try:
            for port in ports:
                held.enter_context(socket.socket()).bind((HOST, port))
        except OSError:
            return False
    return True
