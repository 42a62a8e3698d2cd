"""What a service counts and measures, for Prometheus to read at ``/metrics``.

Each process keeps its numbers in files of ``PROMETHEUS_MULTIPROC_DIR``, where that is set; whoever
answers adds up those of all. Its library reads the variable when it is imported.
"""

from __future__ import annotations

import os
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from flask import Blueprint, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from prometheus_client import Metric

# Any other is a client's invention, and each would be a series for ever.
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# From a request without a statement to one at the limits of pool, statement and ping.
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The requests of one app by method, route and status, and how long they took."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "http_requests",
            "Requests that were answered.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "http_request_duration_seconds",
            "Time from a request's head to the last byte of its answer.",
            ("method", "route"),
            buckets=_BUCKETS,
            registry=self.registry,
        )

    def answered(self, method: str, route: str | None, status: int, started: float) -> None:
        """Count a request; *route* is the template that it matched, if any."""
        method = method if method in _METHODS else "other"
        route = route or "none"
        self._requests.labels(method, route, status).inc()
        self._seconds.labels(method, route).observe(perf_counter() - started)


def exposition(registry: CollectorRegistry, refresh: Callable[[], None]) -> Blueprint:
    """Return ``/metrics``, which calls *refresh* before it reads *registry*."""
    blueprint = Blueprint("metrics", __name__)

    @blueprint.get("/metrics")
    def metrics() -> Response:
        refresh()
        return Response(generate_latest(_of_all_processes(registry)), mimetype=CONTENT_TYPE_LATEST)

    return blueprint


class _WrittenFiles(MultiProcessCollector):
    """Adds up the files of all processes, but for those that have no header yet.

    A file is empty for a moment after it is made, and for good where its process was killed then:
    the collector itself fails at it (prometheus/client_python#1199).
    """

    def __init__(self, folder: Path, registry: CollectorRegistry) -> None:
        self._folder = folder
        super().__init__(registry, path=str(folder))  # type: ignore[no-untyped-call]

    def collect(self) -> Iterable[Metric]:
        written = [str(file) for file in self._folder.glob("*.db") if _has_content(file)]
        found: Iterable[Metric] = self.merge(written)  # type: ignore[no-untyped-call]
        return found


def _has_content(file: Path) -> bool:
    try:
        return file.stat().st_size > 0
    except FileNotFoundError:  # its process has just ended
        return False


def _of_all_processes(registry: CollectorRegistry) -> CollectorRegistry:
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if folder is None:
        return registry
    everyone = CollectorRegistry()
    _WrittenFiles(Path(folder), everyone)
    return everyone
