"""Clients who ask as fast as they can until nobody listens any more."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections import Counter
from contextlib import closing
from typing import Any, NamedTuple


class Call(NamedTuple):
    """What each client asks, over and over."""

    method: str
    path: str
    body: Any = None


class Load:
    """Clients in threads, every other of which keeps its connection; ``seen`` counts outcomes.

    An outcome is a status or, which ends a client, ``refused`` or the text of another error.
    """

    def __init__(self, port: int, call: Call, *, clients: int, seconds: float = 20) -> None:
        self.seen: Counter[int | str] = Counter()
        self.last_answer = 0.0
        self._port, self._call = port, call
        self._end = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._threads = [
            threading.Thread(target=self._ask_on, kwargs={"keep": number % 2 == 0})
            for number in range(clients)
        ]
        for thread in self._threads:
            thread.start()

    def wait(self) -> None:
        """Return when all clients are done."""
        for thread in self._threads:
            thread.join()

    def _ask_on(self, *, keep: bool) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
        with closing(connection):
            while time.monotonic() < self._end:
                outcome = self._ask(connection, keep=keep)
                with self._lock:
                    self.seen[outcome] += 1
                if not isinstance(outcome, int):
                    return

    def _ask(self, connection: http.client.HTTPConnection, *, keep: bool) -> int | str:
        headers = {"Content-Type": "application/json"}
        if not keep:
            headers["Connection"] = "close"
        body = None if self._call.body is None else json.dumps(self._call.body)
        try:
            connection.request(self._call.method, self._call.path, body, headers)
            response = connection.getresponse()
            json.loads(response.read())
        except ConnectionRefusedError:
            return "refused"
        except (OSError, http.client.HTTPException, ValueError) as error:
            return repr(error)
        self.last_answer = time.monotonic()
        return response.status
