"""gunicorn's worker of threads, with an end that drops nobody, for a connection and for itself."""

from __future__ import annotations

import os
import socket
import struct
from collections import deque
from functools import partial
from selectors import EVENT_READ
from time import monotonic
from typing import TYPE_CHECKING, Any

from gunicorn.workers.gthread import ThreadWorker

if TYPE_CHECKING:
    from concurrent.futures import Future

# A handshake that was begun before the stop comes through in a round trip.
_HANDSHAKE = 0.3
# How long a client may take to hang up, once it was answered and told that this was all.
_FAREWELL = 2.0
_PIECE = 65536
# Seconds that a client may be silent in the middle of a request, or not take its answer.
_CLIENT_TIMEOUT = 10


class DrainingWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Accepts at its end what waits in the kernel, where gunicorn's own lets that be reset.

    ``listener`` tells why. All is answered within gunicorn's ``graceful_timeout``, and with
    ``Connection: close``.

    It also waits for clients to hang up beside its other work, where gunicorn's own does nothing
    else: there one client who doesn't keeps all others waiting for two seconds.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._leaving: deque[Any] = deque()  # gunicorn's TConn, the first to time out first

    def init_process(self) -> None:
        """Let no client who begins a request and then says nothing hold a thread for ever."""
        patience = struct.pack("ll", int(os.environ.get("CLIENT_TIMEOUT") or _CLIENT_TIMEOUT), 0)
        for listener in self.sockets:  # what is accepted there inherits it
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, patience)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, patience)
        super().init_process()

    def set_accept_enabled(self, enabled: bool) -> None:  # noqa: FBT001  gunicorn's signature
        """Accept or not; the last time that it's not to, take those who wait first."""
        if enabled or self.alive:
            super().set_accept_enabled(enabled)
            return
        self._accept_for(_HANDSHAKE)
        super().set_accept_enabled(enabled)
        for listener in self.sockets:
            self._accept_queued(listener)
            # Closed now, not after the last answer: who comes later is refused at once.
            listener.close()

    def finish_request(self, conn: Any, fs: Future[Any]) -> None:
        """Keep a connection for its next request, or end it."""
        if fs.cancelled() or fs.exception() or fs.result():
            super().finish_request(conn, fs)
            return
        try:
            # To close it with something unread would reset it, and the answer with it.
            conn.sock.shutdown(socket.SHUT_WR)
            conn.sock.settimeout(0)
        except OSError:  # the client has hung up, or the answer broke off
            self._close(conn)
            return
        conn.timeout = monotonic() + _FAREWELL
        self._leaving.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self._on_farewell, conn))

    def murder_pending(self) -> None:
        """End what has had its time; gunicorn calls this about once a second."""
        super().murder_pending()
        while self._leaving and self._leaving[0].timeout <= monotonic():
            self._leave(self._leaving[0])

    def _on_farewell(self, conn: Any, client: socket.socket) -> None:
        try:
            unread = client.recv(_PIECE)
        except BlockingIOError:
            return
        except OSError:
            unread = b""
        if not unread:
            self._leave(conn)

    def _leave(self, conn: Any) -> None:
        self._leaving.remove(conn)
        self.poller.unregister(conn.sock)
        self._close(conn)

    def _close(self, conn: Any) -> None:
        self.nr_conns -= 1
        conn.close()

    def _accept_for(self, seconds: float) -> None:
        super().set_accept_enabled(True)  # also where it had its fill
        deadline = monotonic() + seconds
        while (left := deadline - monotonic()) > 0:
            self.notify()
            self.wait_for_and_dispatch_events(timeout=left)

    def _accept_queued(self, listener: socket.socket) -> None:
        # Not for ever: when one worker of several is replaced, clients go on coming.
        for _ in range(self.cfg.backlog):
            before = self.nr_conns
            self.accept(listener)
            if self.nr_conns == before:
                return
