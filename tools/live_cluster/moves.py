"""Moves of shards: those of this moment, the last rebalance, and what the next one would do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from citus.database.errors import NotReachable
from citus.errors import Refused
from tools.live_cluster import queries
from tools.live_cluster.values import Cluster

if TYPE_CHECKING:
    from citus.database.executor import Database

_BAD = {"cancelled", "failed", "failing"}


@dataclass(frozen=True)
class RunningMove:
    """A shard on its way from one groupid to another; of ``bytes``, ``copied`` are there."""

    shardid: int
    table: str
    source: int
    target: int
    bytes: int
    copied: int
    status: str


@dataclass(frozen=True)
class PlannedMove:
    """A shard that a rebalance would move; those colocated with it follow as moves of their own."""

    shardid: int
    table: str
    source: int
    target: int
    bytes: int | None


@dataclass(frozen=True)
class Plan:
    """What ``citus_rebalance_start`` would move, in its order; ``unknown`` says why none is."""

    moves: tuple[PlannedMove, ...] = ()
    unknown: str = ""


@dataclass(frozen=True)
class Job:
    """A rebalance in the background; ``failure`` is what its first failed move has said."""

    job_id: int
    state: str
    moves: int
    done: int
    started_at: datetime | None
    finished_at: datetime | None
    failure: str | None

    @property
    def has_failed(self) -> bool:
        """Whether it has ended, or is stuck, without all of its moves done."""
        return self.state in _BAD or bool(self.failure)

    @property
    def is_running(self) -> bool:
        """Whether it will go on by itself."""
        return self.state in {"scheduled", "running", "failing", "cancelling"}


def read_running(database: Database) -> tuple[RunningMove, ...] | None:
    """Read the moves of this moment; ``None`` where a node that is down keeps Citus from it."""
    try:
        return tuple(RunningMove(*row) for row in database.rows(queries.RUNNING))
    except (NotReachable, Refused):
        return None


def read_last_job(database: Database) -> Job | None:
    """Read the rebalance that was started last."""
    return next((Job(*row) for row in database.rows(queries.LAST_JOB)), None)


def read_plan(
    database: Database,
    cluster: Cluster,
    *,
    strategy: str | None = None,
    threshold: float | None = None,
    drain_only: bool = False,
) -> Plan:
    """Ask Citus for its plan, by its default strategy and that one's threshold unless given.

    ``threshold`` is how much more than the average a node may have: 0.1 is a tenth.
    """
    if cluster.is_standin:
        return Plan(unknown="the stand-in makes no plan")
    try:
        rows = database.rows(queries.PLAN, threshold, drain_only, strategy)
    except (NotReachable, Refused) as error:
        silent = [node.name for node in cluster.nodes if node.silent]
        return Plan(unknown=f"{', '.join(silent)} does not answer" if silent else str(error))
    # Its own column of sizes is 0 (Citus 13.0).
    sizes = {(p.shardid, p.groupid): p.bytes for p in cluster.placements}
    return Plan(
        tuple(
            PlannedMove(shardid, table, source, target, sizes.get((shardid, source)))
            for shardid, table, source, target in rows
        )
    )
