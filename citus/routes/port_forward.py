"""The ports of this machine that lead to pods.

libpq wants a socket: each port-forward listens on a free port of 127.0.0.1, and each connection
to it gets a way of its own through the API, which ends with it and it with that. One daemon
thread with an event loop serves them all.

The client's own `kubernetes.stream.portforward` is not used: it pings nobody, so that a dead
connection hangs; it holds in memory what one side does not take; it closes before the last
bytes, PostgreSQL's reason, are through; and it is not safe to call from several threads. aiohttp,
on which the asyncio half of the client is built, has none of that.
"""

from __future__ import annotations

import asyncio
import atexit
import threading
import time
from collections.abc import Coroutine
from typing import Any, TypeVar

from citus.errors import NoRoute
from citus.routes.kubernetes_api import KubernetesApi
from citus.routes.pod import Pod
from citus.routes.tunnel import Tunnel

T = TypeVar("T")

_LOCALHOST = "127.0.0.1"
_FAREWELL_SECONDS = 0.1  # in which TLS ends at both ends


class PortForward:
    """A free port of this machine that leads to a port of a pod."""

    def __init__(self, api: KubernetesApi, pod: Pod, target: int) -> None:
        self._api = api
        self._pod = pod
        self._target = target
        self._server: asyncio.Server | None = None
        self._failure: tuple[float, NoRoute] | None = None
        self.port = 0

    async def listen(self) -> None:
        """Listen, once this machine is known to know the cluster."""
        await self._api.access()
        self._server = await asyncio.start_server(self._serve, _LOCALHOST, port=0)
        self.port = self._server.sockets[0].getsockname()[1]

    def close(self) -> None:
        """Listen no longer."""
        if self._server is not None:
            self._server.close()

    def failure(self, *, since: float) -> NoRoute | None:
        """Give why a connection was last refused or lost, if it was *since* (monotonic)."""
        if self._failure is None or self._failure[0] < since:
            return None
        return self._failure[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._carry(reader, writer)
            writer.close()
            await writer.wait_closed()
        except asyncio.CancelledError:
            writer.transport.abort()  # the process ends, and waits for nobody
        except OSError:
            pass  # the one who came has gone
        finally:
            writer.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with self._api.port_forward(self._pod, self._target) as channels:
                await Tunnel(reader, writer, channels).run()
        except NoRoute as error:
            # Kept before the connection is closed: who sees it closed asks for the reason.
            self._failure = (time.monotonic(), error)


class PortForwards:
    """The port-forwards through one Kubernetes API, and the thread that serves them."""

    def __init__(self, context: str) -> None:
        self._lock = threading.Lock()
        self._api = KubernetesApi(context)
        self._open: dict[tuple[Pod, int], PortForward] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="port-forwards", daemon=True
        )
        self._thread.start()
        atexit.register(self.close)

    def to(self, pod: Pod, port: int) -> PortForward:
        """Give the port-forward to a port of a pod; it listens from the first time on."""
        with self._lock:
            forward = self._open.get((pod, port))
            if forward is None:
                forward = PortForward(self._api, pod, port)
                self._run(forward.listen())
                self._open[pod, port] = forward
            return forward

    def close(self) -> None:
        """End all connections, and the thread."""
        atexit.unregister(self.close)
        with self._lock:
            if self._loop.is_closed():
                return
            self._run(self._end())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    async def _end(self) -> None:
        for forward in self._open.values():
            forward.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        if others:
            await asyncio.sleep(_FAREWELL_SECONDS)

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()
