"""What ``pg_dist_node`` says of the nodes, and the catalogues around it of what they hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from citus.database import catalogue_lock, moves
from citus.database.membership_plan import MembershipSpec, Worker
from citus.database.tracked import Observed
from citus.endpoint import Address, is_a_stacks_own, worker_name
from citus.progress import tell

if TYPE_CHECKING:
    from citus.database.executor import Database

_NODES = """
SELECT n.nodename, n.nodeport, n.groupid, n.isactive, n.shouldhaveshards, NOT EXISTS (
    SELECT FROM pg_dist_shard JOIN pg_dist_partition USING (logicalrelid)
    WHERE partmethod = 'n' AND repmodel = 't' AND shardid NOT IN (
        SELECT shardid FROM pg_dist_placement p WHERE p.groupid = n.groupid))
FROM pg_dist_node n WHERE n.noderole = 'primary' ORDER BY n.groupid"""
_HELD = f"""
SELECT n.groupid, (SELECT count(*) FROM {moves.SHARDS} n.groupid),
       (SELECT count(*) FROM pg_dist_cleanup WHERE node_group_id = n.groupid)
FROM pg_dist_node n WHERE n.noderole = 'primary' AND n.groupid <> 0"""


def observe(database: Database, wanted: MembershipSpec) -> Observed[MembershipSpec] | None:
    """Read the nodes by their names in the stack; ``None`` where none is registered."""
    # Asked first: what a run is about to join is no row yet.
    seen = not (database.lenient and catalogue_lock.is_held(database))
    if not seen:
        tell(
            "warning: another run is at work in this cluster; `up` waits for it, and looks at the "
            "members again before a server goes"
        )
    rows = [Worker(*row) for row in database.rows(_NODES)]
    if not rows:
        return None
    coordinator = next((row.address for row in rows if row.groupid == 0), Address("", 0))
    registered = [row for row in rows if row.groupid != 0]
    if not database.lenient:  # a plan is made from it, and drift is none of it
        registered = list(_with_what_they_hold(database, registered))
    known = dict(_matched(wanted.workers, registered))
    others = [row for row in registered if row not in known.values()]
    # Of a run that was cut off when it had joined, or of a stack's file that went back since.
    own = [row for row in others if _is_own(row, coordinator, wanted.coordinator)]
    known |= {worker_name(row.groupid - 1): row for row in own}
    _report_strangers([row for row in others if row not in own])
    active = [str(row.address) for row in registered if row.active]
    return Observed(
        replace(wanted, coordinator=coordinator, workers=known, seen=seen),
        {"active_workers": active},
    )


def _with_what_they_hold(database: Database, rows: list[Worker]) -> Iterator[Worker]:
    held = {group: (shards, orphans) for group, shards, orphans in database.rows(_HELD)}
    for row in rows:
        shards, orphans = held[row.groupid]
        yield replace(row, shards=shards, orphans=orphans)


def _matched(wanted: Mapping[str, Worker], rows: list[Worker]) -> Iterator[tuple[str, Worker]]:
    """Find each wanted worker by its group, else by its address."""
    for name, worker in wanted.items():
        by_group = [row for row in rows if row.groupid == worker.groupid]
        by_address = [row for row in rows if row.address == worker.address]
        for row in (by_group or by_address)[:1]:
            yield name, row


def _is_own(row: Worker, *coordinators: Address) -> bool:
    return any(is_a_stacks_own(row.address, row.groupid, at) for at in coordinators)


def _report_strangers(rows: list[Worker]) -> None:
    for row in rows:
        tell(
            f"warning: node {row.address} (group {row.groupid}) is in pg_dist_node "
            "but not declared; it is left alone",
        )
