"""What a Kubernetes API and a kubelet do with a port-forward, over real sockets.

The API answers with a ``Status`` or upgrades to the protocol `v4.channel.k8s.io`; the kubelet
sends the port on both channels, connects inside the pod, and carries bytes until either ends.
"""

from __future__ import annotations

import asyncio
import ssl
import struct
import threading
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from aiohttp import WSMsgType, web

T = TypeVar("T")
HOST = "127.0.0.1"


class FakeApi:
    """An API server; `pods` says which port of this machine a pod's port is."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.pods: dict[str, dict[int, int]] = {}
        self.refuse: tuple[int, str] | None = None
        self._hears = asyncio.Event()
        self._hears.set()
        self.headers: list[dict[str, str]] = []
        self._transports: list[asyncio.Transport] = []
        self.port = 0
        self._context = context
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.do(self._start())

    @property
    def url(self) -> str:
        return f"{'https' if self._context else 'http'}://{HOST}:{self.port}"

    @property
    def tunnels(self) -> int:
        """How many there are."""
        return sum(not transport.is_closing() for transport in self._transports)

    def fall_silent(self) -> None:
        """Read nothing more, and so answer no ping, with every connection open."""
        self._loop.call_soon_threadsafe(self._hears.clear)

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def cut(self) -> None:
        """Die: every connection ends without a word of farewell."""

        self.do(self._abort())

    def stop(self) -> None:
        """End everything, and be no longer there."""
        self.do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _start(self) -> None:
        app = web.Application()
        path = "/api/v1/namespaces/{namespace}/pods/{pod}/portforward"
        app.router.add_get(path, self._port_forward)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, self.port, ssl_context=self._context)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def _abort(self) -> None:
        for transport in self._transports:
            if transport.get_write_buffer_size() or not transport.is_closing():
                transport.abort()

    async def _end(self) -> None:
        await self._abort()
        await self._runner.cleanup()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _port_forward(self, request: web.Request) -> web.StreamResponse:
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        name = request.match_info["pod"]
        pod = self.pods.get(f"{request.match_info['namespace']}/{name}")
        if self.refuse:
            return _status(*self.refuse)
        if pod is None:
            return _status(404, f'pods "{name}" not found')
        port = int(request.query["ports"])
        channels = web.WebSocketResponse(protocols=["v4.channel.k8s.io"], autoping=False)
        await channels.prepare(request)
        transport = request.transport
        assert isinstance(transport, asyncio.Transport)
        self._transports.append(transport)
        try:
            for channel in (b"\0", b"\1"):
                await channels.send_bytes(channel + struct.pack("<H", port))
            await self._carry(channels, port, pod.get(port, port))
        finally:
            await channels.close()
        return channels

    async def _carry(self, channels: web.WebSocketResponse, port: int, here: int) -> None:
        try:
            reader, writer = await asyncio.open_connection(HOST, here)
        except OSError:
            text = f"error forwarding port {port} to pod 0cc1, uid : connect: connection refused"
            await channels.send_bytes(b"\1" + text.encode())
            return
        up = asyncio.create_task(self._up(channels, writer))
        down = asyncio.create_task(_down(reader, channels))
        try:
            await asyncio.wait([up, down], return_when=asyncio.FIRST_COMPLETED)
        finally:
            up.cancel()
            down.cancel()
            await asyncio.gather(up, down, return_exceptions=True)
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _up(self, channels: web.WebSocketResponse, writer: asyncio.StreamWriter) -> None:
        async for message in channels:
            await self._hears.wait()
            if message.type is WSMsgType.PING:
                await channels.pong(message.data)
            elif message.type is WSMsgType.BINARY:
                assert message.data[:1] == b"\0", message.data
                writer.write(message.data[1:])
                await writer.drain()


async def _down(reader: asyncio.StreamReader, channels: web.WebSocketResponse) -> None:
    while data := await reader.read(32 * 1024):
        await channels.send_bytes(b"\0" + data)


def _status(code: int, message: str) -> web.Response:
    status = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message}
    return web.json_response({**status, "code": code}, status=code)
