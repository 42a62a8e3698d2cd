"""The map in a terminal, or in a file of plain text."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from tests.pure.tools.clusters import cluster, node, table
from tools.live_cluster.moves import Plan, PlannedMove
from tools.live_cluster.values import Cluster
from tools.shard_map.layout import layout
from tools.shard_map.text import text

pytestmark = pytest.mark.pure


def shown(drawn: Cluster, plan: Plan | None = None) -> list[str]:
    file = io.StringIO()
    plan = plan or Plan()
    console = Console(file=file, width=160, highlight=False)
    console.print(text(layout(drawn, plan), drawn, plan, "a title", ["a figure"]))
    return [line.rstrip() for line in file.getvalue().splitlines()]


def test_bars_are_as_long_as_nodes_are_full_and_their_letters_tell_of_what() -> None:
    drawn = cluster(
        3,
        {
            table("a", shards=3): [(1, 4 * 10**6), (2, 10**6), (2, 10**6)],
            table("b", "schema", group=2, schema="[bold]acme"): [(2, 10**6)],
        },
    )
    lines = shown(drawn)
    bars = {line.split()[0]: line.split()[1:2] for line in lines if line.startswith("worker")}
    assert bars["worker-0"] == ["A" * 60]
    assert bars["worker-1"] == ["A" * 30 + "S" * 15]
    assert " A  app.a: 3 shards, 5859 kB" in lines


def test_planned_moves_are_summed_up_by_their_ends() -> None:
    drawn = cluster(2, {table("a", shards=2): [(1, 3000), (1, 4000)]})
    moves = tuple(PlannedMove(i, "app.a", 1, 2, size) for i, size in enumerate((3000, 4000)))
    [line] = [line for line in shown(drawn, Plan(moves)) if line.startswith("worker-0  ")][1:]
    assert line.split() == ["worker-0", "worker-1", "2", "7000", "bytes"]


def test_a_node_that_is_down_is_named() -> None:
    drawn = cluster([node(1, silent="failed to connect")], {table("a"): [(1, None)]})
    [line] = [line for line in shown(drawn) if line.startswith("worker-0")]
    assert "does not answer" in line
    assert line.endswith("unknown")
