"""A connection of this machine, spliced with a port-forward.

The API's protocol `v4.channel.k8s.io`: each message begins with the number of its channel. On
channel 0 are the data, on channel 1 what went wrong in the pod; the first message of each
carries the port. It has no half-close: the one who ends it ends both directions.

A connection is lost where nothing answers a ping any more. But the other end takes nothing, and
so no ping either, while the pod takes none of the data before it (a COPY that waits for a
lock). So each ping carries how much was sent before it, and while much of that is unanswered,
TCP alone decides, after a quarter of an hour.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

import aiohttp
from aiohttp import ClientWebSocketResponse, WSMessage, WSMsgType

from citus.errors import NoRoute

PROTOCOL = "v4.channel.k8s.io"
_DATA, _ERROR = 0, 1
_PING_SECONDS = 10
_SILENCE_SECONDS = 30
_CHUNK = 64 * 1024
_GRACE_SECONDS = 1


class Tunnel:
    """Carries bytes both ways until either end has ended."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        socket: ClientWebSocketResponse,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._socket = socket
        self._sent = 0
        self._answered = 0  # of what was sent, as the last answer to a ping says

    async def run(self) -> None:
        """Carry to the end.

        Raises:
            NoRoute: The pod refuses the connection, or the API's is lost.
        """
        up, down = asyncio.create_task(self._up()), asyncio.create_task(self._down())
        tasks = [up, down, asyncio.create_task(self._ping())]
        try:
            await asyncio.wait([up, down], return_when=asyncio.FIRST_COMPLETED)
            # What this end said last is answered: a server that is told goodbye ends by itself.
            await asyncio.wait([down], timeout=_GRACE_SECONDS)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if not down.cancelled():
            down.result()

    async def _up(self) -> None:
        # An error here is the end of either side; what it was is read by `_down`.
        with suppress(OSError, aiohttp.ClientError):
            while data := await self._reader.read(_CHUNK):
                self._sent += len(data)
                await self._socket.send_bytes(bytes([_DATA]) + data)

    async def _down(self) -> None:
        opened = set()
        while (message := await self._next()).type is WSMsgType.BINARY:
            channel, data = message.data[0], message.data[1:]
            if channel not in opened:
                opened.add(channel)
            elif channel == _ERROR:
                raise NoRoute(_in_the_pod(data.decode(errors="replace")))
            elif not await self._deliver(data):
                return
        if message.type is not WSMsgType.CLOSE:
            raise NoRoute("the connection through the Kubernetes API was lost")

    async def _next(self) -> WSMessage:
        """Give the next message that is not about the connection itself."""
        while True:
            try:
                message = await self._socket.receive(_SILENCE_SECONDS)
            except TimeoutError:
                if self._sent - self._answered > _CHUNK:
                    continue
                raise NoRoute(
                    f"the Kubernetes API has not answered for {_SILENCE_SECONDS} s"
                ) from None
            if message.type is WSMsgType.PONG:
                with suppress(ValueError):  # none of ours
                    self._answered = int(message.data)
            elif message.type is WSMsgType.PING:
                await self._socket.pong(message.data)
            else:
                return message

    async def _deliver(self, data: bytes) -> bool:
        """Hand over to this end; tell whether it still listens."""
        try:
            self._writer.write(data)
            await self._writer.drain()
        except ConnectionError:
            return False
        return True

    async def _ping(self) -> None:
        while True:
            await asyncio.sleep(_PING_SECONDS)
            await self._socket.ping(str(self._sent).encode())


def _in_the_pod(said: str) -> str:
    """Say in a sentence what a node says of its pod."""
    if "connection refused" in said.lower():
        return "connection refused: nothing listens there in the pod"
    return " ".join(said.split())
