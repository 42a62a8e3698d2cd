"""One thread for all that the fakes do, one thing after another: nothing there needs a lock."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any


class Agenda(threading.Thread):
    """Does what it is given, now or later, until it is stopped.

    What fails ends the thread, as an error of the tests: a fake that is broken is never quiet.
    """

    def __init__(self) -> None:
        super().__init__(name="agenda", daemon=True)
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(self._on_failure)
        self._failure: BaseException | None = None
        self.start()

    def run(self) -> None:
        self._loop.run_forever()
        self._loop.close()
        if self._failure is not None:
            raise self._failure

    def soon(self, what: Callable[..., object], *arguments: Any) -> None:
        """Do it after all that is to be done already."""
        self._loop.call_soon_threadsafe(what, *arguments)

    def after(self, seconds: float, what: Callable[..., object], *arguments: Any) -> None:
        """Do it in so many seconds, if it is not stopped before."""
        self.soon(self._loop.call_later, seconds, what, *arguments)

    def stop(self) -> None:
        """Finish what is being done, forget the rest."""
        if self.is_alive():
            self.soon(self._loop.stop)
            self.join()

    def _on_failure(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self._failure = context.get("exception") or RuntimeError(context["message"])
        loop.stop()
