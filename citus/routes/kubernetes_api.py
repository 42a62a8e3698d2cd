"""One port-forward through the Kubernetes API, or the API's refusal in a sentence."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING

import aiohttp
from aiohttp import ClientWebSocketResponse, WSServerHandshakeError

from citus.errors import NoRoute
from citus.routes import kubeconfig
from citus.routes.kubeconfig import Access
from citus.routes.pod import Pod
from citus.routes.tunnel import PROTOCOL

if TYPE_CHECKING:
    from types import SimpleNamespace

_LIMIT_SECONDS = 5
_NEEDED = "the verbs get and create on pods/portforward"
_FAREWELL_SECONDS = 1
_CREDENTIALS_SECONDS = 300  # a token lives for at least ten minutes


class KubernetesApi:
    """The API of a cluster, by a context of this machine's kubeconfig; for one event loop."""

    def __init__(self, context: str) -> None:
        self._context = context
        self._loading = asyncio.Lock()
        self._loaded: tuple[float, Access] | None = None

    async def access(self) -> Access:
        """Give where the API is and what it is shown, read anew before a token has expired."""
        async with self._loading:
            if self._loaded is None or time.monotonic() - self._loaded[0] > _CREDENTIALS_SECONDS:
                self._loaded = time.monotonic(), await kubeconfig.load(self._context)
            return self._loaded[1]

    @asynccontextmanager
    async def port_forward(self, pod: Pod, port: int) -> AsyncIterator[ClientWebSocketResponse]:
        """Open the channels to a port of a pod, see `citus.routes.tunnel`.

        Raises:
            NoRoute: The API does not answer, or refuses.
        """
        access = await self.access()
        refusal = _Refusal()
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=access.ssl),
            timeout=aiohttp.ClientTimeout(total=None),
            trace_configs=[refusal.trace()],
        ) as session:
            try:
                async with asyncio.timeout(_LIMIT_SECONDS):
                    channels = await _upgrade(session, access, pod, port)
            except WSServerHandshakeError as error:
                raise refusal.sentence(access, error.status) from None
            except TimeoutError:
                raise NoRoute(f"{access} has not answered within {_LIMIT_SECONDS} s") from None
            except (aiohttp.ClientError, OSError, ValueError) as error:
                raise NoRoute(f"{access} does not answer: {_reason(error)}") from None
            async with channels:
                yield channels


async def _upgrade(
    session: aiohttp.ClientSession, access: Access, pod: Pod, port: int
) -> ClientWebSocketResponse:
    return await session.ws_connect(
        f"{access.url}/api/v1/namespaces/{pod.namespace}/pods/{pod.name}/portforward",
        params={"ports": port},
        headers=access.headers,
        protocols=[PROTOCOL],
        proxy=access.proxy,
        server_hostname=access.server_name,
        autoping=False,  # the answers to pings are read by the tunnel
        timeout=aiohttp.ClientWSTimeout(ws_close=_FAREWELL_SECONDS),
    )


class _Refusal:
    """What the API says where it does not upgrade; the error of the upgrade has not kept it."""

    def __init__(self) -> None:
        self._text = ""

    def trace(self) -> aiohttp.TraceConfig:
        """Listen to the answer of one request."""
        trace = aiohttp.TraceConfig()
        trace.on_request_end.append(self._read)
        return trace

    def sentence(self, access: Access, status: int) -> NoRoute:
        """Say it: the message of a ``Status``, else the number."""
        final = status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
        try:
            message = str(json.loads(self._text)["message"])
        except (ValueError, LookupError, TypeError):
            message = ""
        message = message or f"{access} answers with {status}"
        if status == HTTPStatus.UNAUTHORIZED:
            message = f"{access} does not take the kubeconfig's credentials: {message}"
        if status == HTTPStatus.FORBIDDEN:
            message = f"{message.rstrip(': ')}; a port-forward needs {_NEEDED}"
        return NoRoute(message, final=final)

    async def _read(
        self,
        _session: aiohttp.ClientSession,
        _context: SimpleNamespace,
        end: aiohttp.TraceRequestEndParams,
    ) -> None:
        if end.response.status != HTTPStatus.SWITCHING_PROTOCOLS:
            self._text = await end.response.text(errors="replace")


def _reason(error: Exception) -> str:
    """Say why there is no connection as the system does."""
    cause = getattr(error, "certificate_error", None) or getattr(error, "os_error", error)
    number, said = getattr(cause, "errno", None), getattr(cause, "strerror", None)
    if number and not isinstance(cause, (ssl.SSLError, socket.gaierror)):
        return os.strerror(number)
    return said or str(cause) or type(cause).__name__
