"""Tell the user what goes on: a line in the output of the run.

When the CLI has died, nobody reads the line any more; what is at work is finished all the same.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

_PROGRESS_SECONDS = 10
_warned: set[str] = set()


def tell(line: str) -> None:
    """Show one line at once."""
    with suppress(OSError):
        # One write: of two threads, print's own line and its end run together.
        print(f"{line}\n", end="", flush=True)


def warn_once(server: str, message: str) -> None:
    """Tell that a server could not be read; once for each, however many resources lie on it."""
    if server not in _warned:
        _warned.add(server)
        tell(f"warning: {message}; what was recorded of {server} is kept")


@contextmanager
def while_running(what: str, how_far: Callable[[], str | None] | None = None) -> Iterator[None]:
    """Say again and again that *what* still runs, and *how_far* it is where that can be told."""
    ended = threading.Event()
    pause = _PROGRESS_SECONDS / 2 if how_far else _PROGRESS_SECONDS

    def watch() -> None:
        seconds = pause
        while not ended.wait(pause):
            tell((how_far and how_far()) or f"{what} has run for {seconds:g} s")
            seconds += pause

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        ended.set()
