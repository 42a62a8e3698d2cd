"""Whether a port is free, and who has it where that can be told."""

from __future__ import annotations

import socket

import psutil


def is_free(host: str, port: int) -> bool:
    """Try to listen on it."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError:
            return False
    return True


def _another(port: int) -> int:
    return port + 1000 if port < 60000 else port - 1000  # noqa: PLR2004 - well below the highest


def listener(port: int) -> psutil.Process | None:
    """Find the process that listens; ``None`` where the system doesn't tell."""
    try:
        for connection in psutil.net_connections("tcp"):
            listens = connection.status == psutil.CONN_LISTEN and connection.pid
            if listens and port in connection.laddr:  # a pair of host and port
                return psutil.Process(connection.pid)
    except psutil.Error:
        return None
    return None


def refusal(name: str, port: int, key: str) -> str:
    """Say that a port is taken, by whom, and which setting moves it."""
    process = listener(port)
    try:
        by = f"by {process.name()} (process {process.pid})" if process else "by another process"
    except psutil.Error:
        by = "by another process"
    return (
        f"the port {port} of {name} is in use {by}: stop that, or choose other ports for a stack "
        f"that is new, for instance `bin/pulumi config set {key} {_another(port)}`"
    )
