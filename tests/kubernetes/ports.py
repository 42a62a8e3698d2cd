"""Ports for servers that live as long as the tests."""

from __future__ import annotations

import random
import socket
from contextlib import suppress

HOST = "127.0.0.1"
# Below those that the system gives to outgoing connections: none is taken before it is used.
_PORTS = range(16000, 20000)


def free_ports(count: int) -> list[int]:
    """Find ports that nothing listens on; at random, since other runs look too."""
    free: list[int] = []
    for port in random.sample(_PORTS, len(_PORTS)):
        with socket.socket() as listener, suppress(OSError):
            listener.bind((HOST, port))
            free.append(port)
        if len(free) == count:
            return free
    raise OSError(f"none of the ports {_PORTS[0]} to {_PORTS[-1]} is free")
