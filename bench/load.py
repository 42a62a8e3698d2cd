"""A closed loop of clients: each is a process that asks, waits for the answer, and asks again.

The standard library does: a client costs the same whoever answers, and what it costs counts
against the faster side. A client asks to keep its connection and opens
another where the server has closed it, as any HTTP client does. A latency begins before the
connection is opened, and ends with the last byte of the body.
"""

from __future__ import annotations

import http.client
import multiprocessing
import signal
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from urllib.parse import urlsplit

_TIMEOUT_SECONDS = 30
_WAIT_SECONDS = 60


@dataclass(frozen=True)
class Request:
    """What every client asks, and the status that is right."""

    method: str
    path: str
    body: bytes | None
    status: int


@dataclass(frozen=True)
class Load:
    """How many clients, and when they stop: after so long or so many, whichever comes first."""

    clients: int
    seconds: float
    requests: int
    close: bool = False
    """Whether every request has a connection of its own."""


@dataclass(frozen=True)
class Answers:
    """What one client, or all of them, got."""

    began: float
    ended: float
    latencies: tuple[float, ...]
    """Of the right answers alone, in seconds."""
    failed: int

    @property
    def per_second(self) -> float:
        """Right answers a second."""
        return len(self.latencies) / (self.ended - self.began)


def together(answers: list[Answers]) -> Answers:
    """Take clients that ran side by side for one."""
    return Answers(
        min(each.began for each in answers),
        max(each.ended for each in answers),
        tuple(latency for each in answers for latency in each.latencies),
        sum(each.failed for each in answers),
    )


def generate(url: str, request: Request, load: Load) -> Answers:
    """Let all clients begin at once, and wait for the last."""
    spawn = multiprocessing.get_context("spawn")
    barrier = spawn.Barrier(load.clients)
    with ProcessPoolExecutor(
        load.clients, mp_context=spawn, initializer=_get_ready, initargs=(barrier,)
    ) as pool:
        started = [pool.submit(_client, url, request, load) for _ in range(load.clients)]
        return together([client.result() for client in started])


_barrier: Barrier


def _get_ready(barrier: Barrier) -> None:
    # Ctrl-C in a terminal reaches the clients too; they end by themselves, soon.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    global _barrier  # noqa: PLW0603 - how a pool's processes get what can't be sent to them
    _barrier = barrier


def _client(url: str, request: Request, load: Load) -> Answers:
    where = urlsplit(url)
    connection = http.client.HTTPConnection(
        where.hostname or "", where.port, timeout=_TIMEOUT_SECONDS
    )
    latencies, failed = [], 0
    _barrier.wait(_WAIT_SECONDS)
    began = time.monotonic()
    for _ in range(-(-load.requests // load.clients)):
        asked = time.monotonic()
        if asked - began >= load.seconds:
            break
        if _is_answered(connection, request, close=load.close):
            latencies.append(time.monotonic() - asked)
        else:
            failed += 1
    ended = time.monotonic()
    connection.close()
    return Answers(began, ended, tuple(latencies), failed)


def _is_answered(connection: http.client.HTTPConnection, request: Request, *, close: bool) -> bool:
    headers = {"Content-Type": "application/json", "Connection": "close" if close else "keep-alive"}
    try:
        connection.request(request.method, request.path, request.body, headers)
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException):
        connection.close()
        return False
    return answer.status == request.status
