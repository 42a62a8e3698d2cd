"""What libpq is told of the way to an endpoint.

Nothing of a Kubernetes client is loaded before the first route through one is asked for.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from citus.endpoint import DIRECT, TLS, Endpoint
from citus.errors import NoRoute
from citus.routes.pod import Pod

if TYPE_CHECKING:
    from citus.routes.port_forward import PortForward, PortForwards

# libpq would check the certificate by ~/.postgresql/root.crt where there is one for other servers.
_TLS = {**TLS, "sslrootcert": "/dev/null/none"}
LOCALHOST = "127.0.0.1"
_PATIENCE_SECONDS = 5
_PATIENCE_THROUGH_AN_API_SECONDS = 10  # which itself may take five of them


class Ways:
    """The ways that this process has opened, each by the context that it was opened with."""

    def __init__(self) -> None:
        self.context = ""  # of the kubeconfig; empty for its current one
        self._lock = threading.Lock()
        self._by_context: dict[str, PortForwards] = {}

    def keywords(self, endpoint: Endpoint) -> dict[str, str | int]:
        """Give libpq's keywords for the way to an endpoint.

        Raises:
            NoRoute: This machine knows no way to the cluster.
        """
        way = {"host": endpoint.host, **(_TLS if endpoint.tls else {})}
        if endpoint.route == DIRECT:
            return {**way, "port": endpoint.port, "connect_timeout": _PATIENCE_SECONDS}
        return {
            **way,
            "hostaddr": LOCALHOST,
            "port": self.forward(endpoint.route, endpoint.port).port,
            "connect_timeout": _PATIENCE_THROUGH_AN_API_SECONDS,
        }

    def failure(self, endpoint: Endpoint, *, since: float) -> NoRoute | None:
        """Give why the way to an endpoint was last found closed, if it was *since* (monotonic)."""
        if endpoint.route == DIRECT:
            return None
        return self.forward(endpoint.route, endpoint.port).failure(since=since)

    def forward(self, route: str, port: int) -> PortForward:
        """Open the port-forward that a route names; a second time it is the same one."""
        pod = Pod.of(route)
        # Half a second, which is for those who go this way.
        from citus.routes.port_forward import PortForwards  # noqa: PLC0415

        with self._lock:
            forwards = self._by_context.get(self.context)
            if forwards is None:
                forwards = self._by_context[self.context] = PortForwards(self.context)
        return forwards.to(pod, port)

    def close(self) -> None:
        """Close every way, and end what serves them."""
        with self._lock:
            for forwards in self._by_context.values():
                forwards.close()
            self._by_context.clear()


WAYS = Ways()
