"""Runs ping, a few at a time, each for a limited time."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from contextlib import suppress

from services.ping.outcome import CannotPing, result

# In each process, and less than it has threads: those left answer all else meanwhile.
AT_ONCE = 4
# Four pings take three seconds; where nobody answers, ping would wait ten more.
SECONDS = 8.0
_LAST_WORDS = 3.0


class Busy(Exception):
    """As many pings run as may."""


class Pinger:
    """Pings hosts with the program that PATH leads to."""

    def __init__(self, *, at_once: int = AT_ONCE, seconds: float = SECONDS) -> None:
        self._free = threading.BoundedSemaphore(at_once)
        self._seconds = seconds

    def ping(self, host: str) -> str:
        """Return what ping says of *host*, which is checked already.

        Raises:
            Busy: Too many run.
            CannotPing, CannotBePinged, TookTooLong: See ``outcome``.
        """
        if not self._free.acquire(blocking=False):
            raise Busy
        try:
            return result(*_run(host, self._seconds))
        finally:
            self._free.release()


def _run(host: str, seconds: float) -> tuple[str, str]:
    """Return what ping wrote to stdout and stderr."""
    with _start(host) as process:
        try:
            output = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            output = _end(process)
    stdout, stderr = (text.decode(errors="replace") for text in output)
    return stdout, stderr


def _start(host: str) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            # No names in the answers: to look them up takes time, and others choose them.
            ["ping", "-n", "-c", "4", "--", host],
            # Nothing of this process's own settings; messages in the language that we read.
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # a group of its own, to be ended as one
        )
    except FileNotFoundError:
        raise CannotPing("ping is not installed here") from None
    except PermissionError:
        raise CannotPing("ping is not permitted here") from None
    except OSError as error:
        raise CannotPing(f"ping doesn't start here: {error.strerror}") from error


def _end(process: subprocess.Popen[bytes]) -> tuple[bytes, bytes]:
    """End ping as Ctrl-C does, on which it reports what came so far; then by force."""
    _signal(process, signal.SIGINT)
    try:
        return process.communicate(timeout=_LAST_WORDS)
    except subprocess.TimeoutExpired:
        _signal(process, signal.SIGKILL)
        return process.communicate()


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)
