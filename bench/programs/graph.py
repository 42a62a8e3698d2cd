"""The graph that the two programs share: a role, its schema, its tables; again and again. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

KINDS = ("role", "schema", "migrations")
PREFIX = "bench_"


@dataclass(frozen=True)
class Vertex:
    """A resource: its kind, and the name of the service that it belongs to."""

    kind: str
    service: str

    @property
    def is_first(self) -> bool:
        """Whether it depends on nothing."""
        return self.kind == KINDS[0]


def vertices(resources: int) -> Iterator[Vertex]:
    """Yield so many of them; each depends on the one before, unless it is a service's first."""
    for index in range(resources):
        yield Vertex(KINDS[index % len(KINDS)], f"{PREFIX}{index // len(KINDS):04d}")
