"""What a change of the nodes runs.

    SELECT citus_set_node_property('127.0.0.1', 15436, 'shouldhaveshards', false);
    SELECT citus_drain_node('127.0.0.1', 15436);
    CALL citus_cleanup_orphaned_resources();
    SELECT citus_remove_node('127.0.0.1', 15436);

All nodes that leave are marked before the first is drained: no shard moves twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from citus.database import lost_node, moves
from citus.database.moves import AUTO
from citus.database.session import AS_LONG_AS_IT_TAKES
from citus.database.statement import Statement, Value
from citus.endpoint import Address, Endpoint
from citus.errors import Refused


@dataclass(frozen=True)
class Worker:
    """A row of ``pg_dist_node``.

    Observed is what it holds: ``shards`` of distributed tables, and ``orphans`` that moves have
    left on it (``pg_dist_cleanup``); ``None`` where nobody has looked.
    """

    host: str
    port: int
    groupid: int
    active: bool
    should_have_shards: bool = True
    has_reference_tables: bool = True
    shards: int | None = field(default=None, compare=False)
    orphans: int | None = field(default=None, compare=False)

    def __str__(self) -> str:
        how = [] if self.active else ["inactive"]
        how += [] if self.should_have_shards else ["gets no shards"]
        how += [] if self.has_reference_tables else ["lacks reference tables"]
        return ", ".join([f"at {self.address}, group {self.groupid}", *how])

    @property
    def address(self) -> Address:
        """How the other nodes reach it."""
        return Address(self.host, self.port)


@dataclass(frozen=True)
class MembershipSpec:
    """The coordinator's address and the workers by their stable names.

    ``shard_transfer_mode`` is how shards move off a node, in Citus' own words. Those of ``lost``
    are given up, with the rows that they alone have. ``seen`` is false where a refresh could not
    look at all members, or another run was at work: the next `up` looks, before a server goes.
    """

    endpoint: Endpoint
    coordinator: Address
    workers: Mapping[str, Worker]
    shard_transfer_mode: str = AUTO
    lost: tuple[str, ...] = ()
    seen: bool = True

    title = "membership of the nodes"


def plan(old: MembershipSpec | None, new: MembershipSpec | None) -> list[Statement]:
    """Move, add and mend nodes first, so that the shards of those that leave find their place."""
    if new is None:
        return []
    had = old.workers if old else {}
    staying = {name: had[name] for name in _by_group(new.workers) if name in had}
    joining = {name: new.workers[name] for name in _by_group(new.workers) if name not in had}
    leaving = {name: had[name] for name in _by_group(had) if name not in new.workers}
    # First of all: Citus changes no node while one of the others doesn't answer.
    lost = {name: leaving.pop(name) for name in [*leaving] if name in new.lost}
    statements = [lost_node.set_aside(n, w.groupid) for n, w in lost.items() if w.active]
    for name, worker in lost.items():
        statements.extend(lost_node.given_up(name, worker.host, worker.port, worker.groupid))
    statements.extend(_moved(staying, new.workers))
    # The coordinator's address comes before a worker, which can't be added to ``localhost``.
    if old is None or old.coordinator != new.coordinator:
        statements.append(_set_coordinator_host(new.coordinator))
    for name, worker in joining.items():
        statements.append(_add(name, worker))
    for name, worker in staying.items():
        statements.extend(_mended(name, worker, new.workers[name]))
    if joining or not all(worker.has_reference_tables for worker in staying.values()):
        statements.append(_replicate(new.shard_transfer_mode))
    statements.extend(_mark(name, w) for name, w in leaving.items() if w.should_have_shards)
    for name, worker in leaving.items():
        statements.extend(_left(name, worker, new.shard_transfer_mode))
    return statements


def _by_group(workers: Mapping[str, Worker]) -> list[str]:
    return sorted(workers, key=lambda name: workers[name].groupid)


def _moved(had: Mapping[str, Worker], wanted: Mapping[str, Worker]) -> Iterator[Statement]:
    """Tell of new addresses; one that another node still has waits for that one to move."""
    pending = {}
    for name, worker in had.items():
        if worker.groupid != wanted[name].groupid:
            raise Refused(
                f"{name} is registered as {worker.address}, group {worker.groupid}, but declared "
                f"as {wanted[name].address}, group {wanted[name].groupid}: a node keeps its group; "
                "take that node out of the cluster by hand first (citus_drain_node, "
                "citus_remove_node)"
            )
        if worker.address != wanted[name].address:
            pending[name] = worker.address
    while pending:
        free = [n for n in pending if wanted[n].address not in pending.values()]
        if not free:
            swapped = " and ".join(pending)
            raise Refused(f"{swapped} can't change places: move one to a free address first")
        yield _update(free[0], pending.pop(free[0]), wanted[free[0]])


def _update(name: str, was: Address, new: Worker) -> Statement:
    return Statement(
        "SELECT citus_update_node(nodeid, {host}, {port}) FROM pg_dist_node"
        " WHERE groupid = {groupid} AND noderole = 'primary'",
        {**_address(new), "groupid": new.groupid},
        f"{name} has moved, from {was}",
        after=moves.metadata_synced(new.groupid, name),
    )


def _set_coordinator_host(address: Address) -> Statement:
    return Statement(
        "SELECT citus_set_coordinator_host({host}, {port})",
        {"host": address.host, "port": address.port},
        "the workers reach the coordinator by this address",
    )


def _add(name: str, new: Worker) -> Statement:
    sql = "SELECT citus_add_node({host}, {port}, groupid := {groupid})"
    return Statement(sql, {**_address(new), "groupid": new.groupid}, f"{name} joins the cluster")


def _mended(name: str, had: Worker, wanted: Worker) -> Iterator[Statement]:
    at = _address(wanted)
    if not had.active:
        why = f"{name} takes part again"
        yield Statement("SELECT citus_activate_node({host}, {port})", at, why)
    if not had.should_have_shards:
        sql = "SELECT citus_set_node_property({host}, {port}, 'shouldhaveshards', true)"
        yield Statement(sql, at, f"{name} may hold shards")


def _replicate(mode: str) -> Statement:
    how = "" if mode == AUTO else "{mode}"
    return Statement(
        f"SELECT replicate_reference_tables({how})",
        {"mode": mode} if how else {},
        "reference tables are on every node",
        settings=AS_LONG_AS_IT_TAKES,
        before=moves.NONE_RUNNING,
    )


def _mark(name: str, had: Worker) -> Statement:
    sql = "SELECT citus_set_node_property({host}, {port}, 'shouldhaveshards', false)"
    return Statement(sql, _address(had), f"{name} leaves: it gets no more shards")


def _left(name: str, had: Worker, mode: str) -> Iterator[Statement]:
    """Empty a node that is marked, and remove it; what is done already isn't done again."""
    at = _address(had)
    if had.shards != 0:
        how = "" if mode == AUTO else ", {mode}"
        yield Statement(
            f"SELECT citus_drain_node({{host}}, {{port}}{how})",
            {**at, **({"mode": mode} if how else {})},
            f"the shards of {name} move to the other workers",
            settings=AS_LONG_AS_IT_TAKES,
            before=moves.NONE_RUNNING,
            after=moves.drained(had.groupid, name),
            progress=moves.PROGRESS,
        )
    if had.shards != 0 or had.orphans != 0:
        yield Statement(
            "CALL citus_cleanup_orphaned_resources()",
            why=f"drops what moves have left on {name}; again until nothing is left",
            again=True,
            after=moves.cleaned_up(had.groupid, name),
        )
    yield Statement("SELECT citus_remove_node({host}, {port})", at, f"{name} holds no shard")


def _address(worker: Worker) -> dict[str, Value]:
    return {"host": worker.host, "port": worker.port}
