"""Ask the cluster that is up what a preview doesn't know: it reads, and waits for nobody."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from citus.database import lost_node
from citus.endpoint import worker_name
from citus.errors import CitusError
from tools.cli.failure import ToolError
from tools.live_cluster.coordinator import endpoint_of
from tools.live_cluster.reading import read_cluster, reading
from tools.report import facts, scaling, strategy
from tools.report.facts import Facts, Moves, TableFacts
from tools.report.scaling import Scaling, Strategy, Weighed

if TYPE_CHECKING:
    from citus.database.executor import Database
    from tools.live_cluster.values import Cluster, Table
    from tools.report.preview import Change, Preview

_MANY = 1_000_000  # rows; beyond it the exact number says no more, and counting takes long


def read(preview: Preview) -> Facts:
    """Read what the changes of a preview touch.

    Raises:
        ToolError: The stack is not up, or its coordinator doesn't answer.
    """
    try:
        with reading(endpoint_of(preview.stack)) as database:
            return of(database, preview)
    except CitusError as error:
        raise ToolError(str(error)) from None


def of(database: Database, preview: Preview) -> Facts:
    """Read by a session that is open."""
    cluster = read_cluster(database)
    by_change = {change.urn: facts.touched(change, cluster) for change in preview.changes}
    tables = {table.qualified: table for found in by_change.values() for table in found}
    told = {name: _table(database, table, cluster) for name, table in tables.items()}
    change = scaling.of(preview)
    return Facts(
        tables=tuple(told[name] for name in sorted(told)),
        moves=_moves(database, cluster, change) if change else None,
        at_stake={
            change.urn: tuple(_at_stake(database, change, by_change[change.urn], told))
            for change in preview.changes
            if change.permit
        },
    )


def _table(database: Database, table: Table, cluster: Cluster) -> TableFacts:
    rows = "not counted"
    with suppress(CitusError):  # a worker is down, or counting takes too long
        counted = database.count(table.schema, table.name, at_most=_MANY)
        rows = f"more than {_MANY:,}" if counted > _MANY else f"{counted:,}"
    return TableFacts(table.qualified, rows, facts.size_of(table, cluster), table.shard_count)


def _at_stake(
    database: Database, change: Change, tables: list[Table], told: dict[str, TableFacts]
) -> list[str]:
    if change.kind == "Membership":
        lost = change.after.get("lost", [])
        groups = [int(w["groupid"]) for n, w in change.before["workers"].items() if n in lost]
        return lost_node.at_stake(database, groups)
    return [f"{table.qualified}: {told[table.qualified].rows} rows" for table in tables]


def _moves(database: Database, cluster: Cluster, change: Scaling) -> Moves:
    """Tell which shards move, or why that can't be told."""
    if change.lost:
        return Moves(unknown=f"the shards of {', '.join(change.lost)} are first made anew")
    try:
        first, last = _strategies(database, cluster, change)
        for used in (first, last):
            if not used.alike:
                return Moves(unknown=f"the strategy {used.name} has rules of its own for nodes")
        weighed = {s: Weighed(s, strategy.read_groups(database, s)) for s in (first, last)}
        nodes = strategy.read_nodes(database)
    except CitusError as error:
        return Moves(unknown=str(error))
    found = scaling.moves(change, nodes, weighed[first], weighed[last])
    names = {group: worker_name(group - 1) for group in change.declared.values()}
    names |= {node.groupid: node.name for node in cluster.nodes}
    doubts = {
        "tables change before their shards move": change.remakes,
        "a shard that has moved may have another size": bool(
            last.cost and change.leaving and change.strategy
        ),
        "the stand-in spreads shards by rules of its own": cluster.is_standin,
    }
    return Moves(
        tuple(facts.flows(found, cluster, names)),
        tuple(doubt for doubt, applies in doubts.items() if applies),
    )


def _strategies(database: Database, cluster: Cluster, change: Scaling) -> tuple[Strategy, Strategy]:
    """Give the one by which Citus drains, its default, and the declared one."""
    if cluster.is_standin:  # it weighs all shards the same, whatever the strategy
        return (Strategy("by_shard_count"),) * 2
    known = strategy.read_strategies(database)
    default = next((s for s in known if s.is_default), known[0])
    declared = next((s for s in known if s.name == change.strategy), default)
    return default if change.leaving else declared, declared
