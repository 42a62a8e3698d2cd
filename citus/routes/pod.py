"""The pod that a route names."""

from __future__ import annotations

import re
from dataclasses import dataclass

from citus.errors import NoRoute

_ROUTE = re.compile(r"kubernetes:(?P<namespace>[a-z0-9-]+)/(?P<name>[a-z0-9.-]+)")


@dataclass(frozen=True)
class Pod:
    """A pod by its namespace and name: another one of the same name takes its place."""

    namespace: str
    name: str

    @classmethod
    def of(cls, route: str) -> Pod:
        """Read ``kubernetes:<namespace>/<pod>``."""
        match = _ROUTE.fullmatch(route)
        if match is None:
            raise NoRoute(
                f"{route!r} is no route: it is `direct` or `kubernetes:<namespace>/<pod>`",
                final=True,
            )
        return cls(**match.groupdict())
