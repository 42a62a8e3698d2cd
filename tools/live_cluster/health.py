"""Who reaches whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from citus.database.errors import NotReachable
from citus.endpoint import Address
from tools.live_cluster import queries

if TYPE_CHECKING:
    from citus.database.executor import Database


@dataclass(frozen=True)
class Reach:
    """Whether one node can log in to another; ``None`` where the first can't be asked."""

    source: Address
    target: Address
    reached: bool | None


def read_health(database: Database) -> tuple[Reach, ...] | None:
    """Let every active node try every other, and itself; about 10 ms a pair.

    ``None`` where that takes too long: nodes wait half a minute for one that hangs.
    """
    database.rows(queries.BRIEFLY)
    try:
        rows = database.rows(queries.HEALTH)
    except NotReachable:
        return None
    return tuple(
        Reach(Address(from_host, from_port), Address(to_host, to_port), reached)
        for from_host, from_port, to_host, to_port, reached in rows
    )
