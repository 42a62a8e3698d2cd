"""Shards spread anew over the nodes, when the set of nodes or the strategy changes.

    SELECT citus_rebalance_start(rebalance_strategy := 'by_disk_size');

It is a job of Citus, which goes on when the CLI is killed: the next run waits for it. The node set
and the strategy that it last served are recorded; of these there is nothing to observe.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pulumi

from citus.database import answers, moves, room
from citus.database.moves import AUTO
from citus.database.provider import PlannedProvider
from citus.database.session import AS_LONG_AS_IT_TAKES
from citus.database.statement import Statement
from citus.database.tracked import Observed
from citus.database.tracked_resource import TrackedResource
from citus.endpoint import Address, Endpoint, Node

if TYPE_CHECKING:
    from citus.database.executor import Database

_THRESHOLD = """
SELECT round(100 * default_threshold)::int FROM pg_dist_rebalance_strategy WHERE name = %s"""


@dataclass(frozen=True)
class RebalanceSpec:
    """The workers by name, and how their shards are spread.

    A ``threshold`` of 0 percent stands for the strategy's own, which is then not tracked.
    """

    endpoint: Endpoint
    workers: Mapping[str, Address]
    strategy: str
    threshold: int = 0
    timeout_minutes: int = 0
    shard_transfer_mode: str = AUTO

    title = "rebalance of the shards"


class RebalanceProvider(PlannedProvider[RebalanceSpec]):
    """Starts the job, and waits for it."""

    spec = RebalanceSpec
    has_facts = False

    def plan(self, old: RebalanceSpec | None, new: RebalanceSpec | None) -> list[Statement]:
        """Set the threshold, then move shards where anything has changed that they depend on."""
        if new is None or (old is not None and _served(old) == _served(new)):
            return []
        return [*_threshold(old, new), _start(new)]

    def observe(self, database: Database, wanted: RebalanceSpec) -> Observed[RebalanceSpec]:
        """Read the strategy's threshold; the rest is as recorded."""
        rows = database.rows(_THRESHOLD, wanted.strategy) if wanted.threshold else []
        return Observed(replace(wanted, threshold=rows[0][0] if rows else wanted.threshold))

    def observe_change(
        self, database: Database, old: RebalanceSpec | None, new: RebalanceSpec
    ) -> Observed[RebalanceSpec] | None:
        """What was recorded is what it comes from; a database tells nothing of it."""
        return self.observe(database, replace(old, endpoint=new.endpoint)) if old else None

    def prepare(self, database: Database, _found: RebalanceSpec, new: RebalanceSpec) -> None:
        """Refuse while a worker is down, and what can't move online."""
        answers.require(database, new.workers)
        if new.shard_transfer_mode == AUTO:
            room.require_identity(database, joins=True)


class Rebalance(TrackedResource, module="citus", name="Rebalance"):
    """Shards spread as the strategy says, over these workers."""

    def __init__(
        self,
        resource_name: str,
        *,
        endpoint: Endpoint,
        workers: Sequence[Node],
        strategy: str,
        threshold: int = 0,
        timeout_minutes: int = 0,
        shard_transfer_mode: str = AUTO,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        spec = RebalanceSpec(
            endpoint=endpoint,
            workers={worker.name: worker.address for worker in workers},
            strategy=strategy,
            threshold=threshold,
            timeout_minutes=timeout_minutes,
            shard_transfer_mode=shard_transfer_mode,
        )
        super().__init__(RebalanceProvider(), resource_name, spec, opts)


def _served(spec: RebalanceSpec) -> tuple[Mapping[str, Address], str, int]:
    return spec.workers, spec.strategy, spec.threshold


def _threshold(old: RebalanceSpec | None, new: RebalanceSpec) -> Iterator[Statement]:
    had = old.threshold if old and old.strategy == new.strategy else 0
    if new.threshold not in (0, had):
        yield Statement(
            "UPDATE pg_dist_rebalance_strategy SET default_threshold = {percent} / 100.0"
            " WHERE name = {strategy}",
            {"percent": new.threshold, "strategy": new.strategy},
            f"shards move off a node that has {new.threshold} % more than the average",
        )


def _start(new: RebalanceSpec) -> Statement:
    how = "" if new.shard_transfer_mode == AUTO else ", shard_transfer_mode := {mode}"
    minutes = new.timeout_minutes
    return Statement(
        f"SELECT citus_rebalance_start(rebalance_strategy := {{strategy}}{how})",
        {"strategy": new.strategy, **({"mode": new.shard_transfer_mode} if how else {})},
        "shards are spread over the workers, if it is worth it; stopped where a move fails",
        settings=AS_LONG_AS_IT_TAKES,
        before=replace(moves.NONE_RUNNING, at_most=60 * minutes),
        after=replace(moves.JOB_DONE, at_most=60 * minutes),
    )
