"""The state of a pool as metrics."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge

if TYPE_CHECKING:
    from services.runtime.pool import Pool

# By the names of psycopg_pool's statistics.
_GAUGES = {
    "pool_max": ("max", "Connections that the pools may have."),
    "pool_size": ("size", "Connections that the pools have."),
    "pool_available": ("available", "Connections that wait for a request."),
    "requests_waiting": ("waiting", "Requests that wait for a connection."),
}
_COUNTERS = {
    "requests_num": ("lent", "Connections that were asked for."),
    "requests_queued": ("queued", "Connections that were waited for."),
    "requests_errors": ("errors", "Connections that were not to be had in time."),
    "connections_errors": ("failed_attempts", "Attempts to connect that failed."),
    "connections_lost": ("lost", "Connections that were found dead."),
}
_PERIOD = 1.0


class PoolMetrics:
    """Copies the statistics of *pool* into metrics, each second until it is closed.

    A scrape reaches one process of several, and the others' numbers should be those of now, not
    those of their last request.
    """

    def __init__(self, pool: Pool, registry: CollectorRegistry) -> None:
        self._pool = pool
        self._gauges = {
            key: Gauge(
                f"database_pool_{name}", text, registry=registry, multiprocess_mode="livesum"
            )
            for key, (name, text) in _GAUGES.items()
        }
        self._counters = {
            key: Counter(f"database_pool_{name}", text, registry=registry)
            for key, (name, text) in _COUNTERS.items()
        }
        threading.Thread(target=self._go_on, name="pool-metrics", daemon=True).start()

    def refresh(self) -> None:
        """Copy what the pool says now."""
        stats = self._pool.pop_stats()
        for key, gauge in self._gauges.items():
            gauge.set(stats.get(key, 0))
        for key, counter in self._counters.items():
            counter.inc(stats.get(key, 0))

    def _go_on(self) -> None:
        while not self._pool.closed:
            self.refresh()
            time.sleep(_PERIOD)
