"""Follow the objects of one kind."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from contextlib import suppress

import urllib3

from tests.kubernetes.agenda import Agenda
from tests.kubernetes.api import Api, Object

Handle = Callable[[Object], None]
DELETED = "DELETED"


class Watch(threading.Thread):
    """Puts each object on the agenda: those that are there, then each change; until stopped."""

    def __init__(
        self,
        api: Api,
        kind: tuple[str, str],
        agenda: Agenda,
        changed: Handle,
        deleted: Handle | None = None,
    ) -> None:
        super().__init__(name=f"watch {kind[1]}", daemon=True)
        self._api, self._kind, self._agenda = api, kind, agenda
        self._changed, self._deleted = changed, deleted
        self._stopped = False
        self._response: urllib3.BaseHTTPResponse | None = None
        self.start()

    def run(self) -> None:
        while not self._stopped:
            self._response = self._api.watch(*self._kind)
            # The server ends a watch from time to time; `stop` does so by closing the connection.
            with suppress(urllib3.exceptions.HTTPError):
                self._follow(self._response)
            self._response.close()

    def stop(self) -> None:
        """End it, wherever it is waiting."""
        self._stopped = True
        if self._response is not None:
            with suppress(OSError, ValueError, RuntimeError):  # it may have just ended by itself
                self._response.shutdown()
        self.join()

    def _follow(self, response: urllib3.BaseHTTPResponse) -> None:
        if self._stopped:
            return
        for line in response:
            event = json.loads(line)
            if event["type"] == "ERROR":
                return
            handle = self._deleted if event["type"] == DELETED else self._changed
            if handle is not None:
                self._agenda.soon(handle, event["object"])
