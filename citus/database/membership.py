"""Which nodes are the cluster's: ``pg_dist_node`` as declared.

    SELECT citus_set_coordinator_host('127.0.0.1', 15432);
    SELECT citus_add_node('127.0.0.1', 15433, groupid := 1);

A worker keeps its group for life (``groupid := i + 1``), so that it can be told from
another at its address. One that is no longer declared is emptied and removed before its server
goes, also where it has joined in a run that was cut off and is recorded nowhere: where a refresh
could not look, or another run was at work, this resource has an update, and looks before any
server goes. A node that somebody added by hand, at an address of its own, is reported, never
planned away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import pulumi

from citus.database import answers, lost_node, membership_plan, nodes, room
from citus.database.membership_plan import MembershipSpec, Worker
from citus.database.moves import AUTO
from citus.database.provider import PlannedProvider
from citus.database.statement import Statement
from citus.database.tracked import Observed
from citus.database.tracked_resource import TrackedResource
from citus.endpoint import Endpoint, Node

if TYPE_CHECKING:
    from citus.database.executor import Database

__all__ = ["Membership", "MembershipProvider", "MembershipSpec", "Worker"]


class MembershipProvider(PlannedProvider[MembershipSpec]):
    """Adds nodes, follows them to other addresses, mends them, empties and removes them."""

    spec = MembershipSpec

    def plan(self, old: MembershipSpec | None, new: MembershipSpec | None) -> list[Statement]:
        """Give each step as a statement that stands alone."""
        return membership_plan.plan(old, new)

    def observe(
        self, database: Database, wanted: MembershipSpec
    ) -> Observed[MembershipSpec] | None:
        """Read ``pg_dist_node``; ``None`` where no node is registered."""
        return nodes.observe(database, wanted)

    def observe_change(
        self, database: Database, old: MembershipSpec | None, new: MembershipSpec
    ) -> Observed[MembershipSpec] | None:
        """Find those that leave, too."""
        known = {**(old.workers if old else {}), **new.workers}
        return self.observe(database, replace(new, workers=known))

    def unseen(self, recorded: MembershipSpec) -> MembershipSpec:
        """Have an update: the members may be more than is recorded."""
        return replace(recorded, seen=False)

    def prepare(self, database: Database, found: MembershipSpec, new: MembershipSpec) -> None:
        """Refuse what can't come to its end: a node is down, or the shards have no room."""
        lost = {n: row for n, row in found.workers.items() if n in new.lost}
        workers = {**found.workers, **new.workers}
        needed = {name: row.address for name, row in workers.items() if name not in lost}
        answers.require_lost(database, {name: row.address for name, row in lost.items()})
        answers.require(database, needed, undeclared=needed.keys() - new.workers.keys())
        room.require_room(database, found, new)

    def at_stake(self, database: Database, observed: MembershipSpec) -> list[str]:
        """Name the shards that only the lost nodes have."""
        lost = [w.groupid for name, w in observed.workers.items() if name in observed.lost]
        return lost_node.at_stake(database, lost)


class Membership(TrackedResource, module="citus", name="Membership"):
    """The nodes of the cluster; `active_workers` are the addresses that take part now."""

    active_workers: pulumi.Output[list[str]]

    def __init__(
        self,
        resource_name: str,
        *,
        endpoint: Endpoint,
        coordinator: Node,
        workers: Sequence[Node],
        shard_transfer_mode: str = AUTO,
        lost: Sequence[str] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        rows = {
            w.name: Worker(w.address.host, w.address.port, w.groupid, active=True) for w in workers
        }
        spec = MembershipSpec(
            endpoint, coordinator.address, rows, shard_transfer_mode, lost=tuple(lost)
        )
        super().__init__(
            MembershipProvider(), resource_name, spec, opts, outputs=["active_workers"]
        )
