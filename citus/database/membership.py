"""Which nodes are the cluster's: ``pg_dist_node`` as declared.

    SELECT citus_set_coordinator_host('127.0.0.1', 15432);
    SELECT citus_add_node('127.0.0.1', 15433, groupid := 1);

A worker keeps its group for life (``groupid := i + 1``), so that it can be told from
another at its address. A node that somebody added by hand is reported, never planned away.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pulumi

from citus.database.provider import PlannedProvider
from citus.database.statement import Statement, Value
from citus.database.tracked import Observed
from citus.database.tracked_resource import TrackedResource
from citus.endpoint import Address, Endpoint, Node
from citus.errors import Refused
from citus.progress import tell

if TYPE_CHECKING:
    from citus.database.executor import Database


@dataclass(frozen=True)
class Worker:
    """A row of ``pg_dist_node``."""

    host: str
    port: int
    groupid: int
    active: bool


@dataclass(frozen=True)
class MembershipSpec:
    """The coordinator's address and the workers by their stable names."""

    endpoint: Endpoint
    coordinator: Address
    workers: Mapping[str, Worker]

    title = "membership of the nodes"


class MembershipProvider(PlannedProvider[MembershipSpec]):
    """Adds nodes; one that leaves or moves is refused so far."""

    spec = MembershipSpec

    def plan(self, old: MembershipSpec | None, new: MembershipSpec | None) -> list[Statement]:
        """Set the coordinator's address first: a worker can't be added to ``localhost``."""
        if new is None:
            return []
        had = old.workers if old else {}
        for name in sorted(had.keys() - new.workers.keys()):
            raise Refused(
                f"{name} would leave the cluster, which can't be done yet: "
                f"set citus:workers back to {len(had)}",
            )
        statements = []
        if old is None or old.coordinator != new.coordinator:
            statements.append(_set_coordinator_host(new.coordinator))
        for name in sorted(new.workers, key=lambda n: new.workers[n].groupid):
            statements.extend(_worker(name, had.get(name), new.workers[name]))
        return statements

    def observe(
        self, database: Database, wanted: MembershipSpec
    ) -> Observed[MembershipSpec] | None:
        """Read ``pg_dist_node``; ``None`` where no node is registered."""
        rows = database.rows(
            "SELECT nodename, nodeport, groupid, isactive FROM pg_dist_node"
            " WHERE noderole = 'primary' ORDER BY groupid"
        )
        if not rows:
            return None
        nodes = [Worker(host, port, groupid, active) for host, port, groupid, active in rows]
        coordinator = next((Address(n.host, n.port) for n in nodes if n.groupid == 0), None)
        registered = [n for n in nodes if n.groupid != 0]
        known = dict(_matched(wanted.workers, registered))
        _report_strangers([n for n in registered if n not in known.values()])
        active = [f"{n.host}:{n.port}" for n in registered if n.active]
        spec = replace(wanted, coordinator=coordinator or Address("", 0), workers=known)
        return Observed(spec, {"active_workers": active})


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
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        rows = {
            w.name: Worker(w.address.host, w.address.port, w.groupid, active=True) for w in workers
        }
        spec = MembershipSpec(endpoint, coordinator.address, rows)
        super().__init__(
            MembershipProvider(), resource_name, spec, opts, outputs=["active_workers"]
        )


def _set_coordinator_host(address: Address) -> Statement:
    return Statement(
        "SELECT citus_set_coordinator_host({host}, {port})",
        {"host": address.host, "port": address.port},
        "the workers reach the coordinator by this address",
    )


def _worker(name: str, old: Worker | None, new: Worker) -> Iterator[Statement]:
    values: dict[str, Value] = {"host": new.host, "port": new.port, "groupid": new.groupid}
    if old is None:
        sql = "SELECT citus_add_node({host}, {port}, groupid := {groupid})"
        yield Statement(sql, values, f"{name} joins the cluster")
    elif replace(old, active=new.active) != new:
        raise Refused(
            f"{name} is registered as {old.host}:{old.port}, group {old.groupid}, but declared as "
            f"{new.host}:{new.port}, group {new.groupid}: a node can't be moved yet",
        )
    elif not old.active:
        yield Statement(
            "SELECT citus_activate_node({host}, {port})", values, f"{name} takes part again"
        )


def _matched(wanted: Mapping[str, Worker], rows: list[Worker]) -> Iterator[tuple[str, Worker]]:
    """Find each wanted worker by its group, else by its address."""
    for name, worker in wanted.items():
        by_group = [r for r in rows if r.groupid == worker.groupid]
        by_address = [r for r in rows if (r.host, r.port) == (worker.host, worker.port)]
        for row in (by_group or by_address)[:1]:
            yield name, row


def _report_strangers(rows: list[Worker]) -> None:
    for row in rows:
        tell(
            f"warning: node {row.host}:{row.port} (group {row.groupid}) is in pg_dist_node "
            "but not declared; it is left alone",
        )
