"""One screen of how a cluster is, as plain text where no terminal reads it."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from tests.pure.tools.clusters import cluster, node, table
from tools.live_cluster.health import Reach
from tools.live_cluster.moves import Job, RunningMove
from tools.live_cluster.values import Cluster
from tools.status.screen import screen
from tools.status.values import Status

pytestmark = pytest.mark.pure

WELL = cluster(2, {table("t", shards=3): [(1, 8192), (2, 8192), (2, 8192)]})
UNREACHED = Reach(WELL.nodes[1].address, WELL.nodes[2].address, reached=False)
DOWN = cluster([node(1), node(2, silent="failed to connect to w:1")], {})


def health(shown: Cluster) -> tuple[Reach, ...]:
    """Who reaches whom, as Citus tells it of nodes that are silent."""
    silent = {n.address for n in shown.nodes if n.silent}
    pairs = [(a.address, b.address) for a in shown.nodes for b in shown.nodes]
    return tuple(Reach(a, b, None if a in silent else b not in silent) for a, b in pairs)


def status(
    shown: Cluster, *, running: tuple[RunningMove, ...] | None = (), job: Job | None = None
) -> Status:
    return Status(shown, health(shown), running, job)


def lines(of: Status, at_most: int | None = 10) -> list[str]:
    file = io.StringIO()
    Console(file=file, width=160, highlight=False).print(screen("dev", of, at_most=at_most))
    assert "\x1b" not in file.getvalue()
    return [line.rstrip() for line in file.getvalue().splitlines()]


def test_every_node_has_a_row_of_the_health_matrix() -> None:
    shown = lines(status(DOWN))
    matrix = {line.split()[0]: line.split()[-1] for line in shown if "✓" in line or "?" in line}
    assert matrix == {"coordinator": "✓✓✗", "worker-0": "✓✓✗", "worker-1": "???"}
    assert any("down: failed to connect to w:1" in line for line in shown)


@pytest.mark.parametrize(
    ("of", "healthy"),
    [
        (status(WELL), True),
        (status(DOWN), False),
        (Status(WELL, (UNREACHED,), (), None), False),
        (Status(WELL, None, (), None), False),
    ],
    ids=["all answer", "one is down", "one doesn't reach another", "not known"],
)
def test_a_cluster_is_healthy_if_all_nodes_answer_and_reach_each_other(
    of: Status,
    healthy: bool,  # noqa: FBT001 - an expectation
) -> None:
    assert of.healthy is healthy
    assert json.loads(of.as_json())["healthy"] is healthy


def test_a_table_tells_how_evenly_its_shards_are_spread() -> None:
    [line] = [line for line in lines(status(WELL)) if line.startswith("app.t")]
    assert line.split() == ["app.t", "distributed", "id", "1", "3", "1-2", "24", "kB"]


def test_of_a_hundred_schemas_the_largest_are_shown_and_the_rest_counted() -> None:
    tables = {
        table("t", "schema", group=i, schema=f"[red]{i:03}"): [(1, i * 8192)] for i in range(1, 101)
    }
    of = status(cluster(1, tables | {table("small"): [(1, 1)]}))
    shown = lines(of)
    assert len(shown) < 40
    schemas = [line.split()[0] for line in shown if line.startswith("[red]") and "owner" in line]
    assert schemas == [f"[red]{i:03}" for i in range(100, 90, -1)]
    assert "and 90 more: ARGS=--all" in shown
    assert any(line.startswith("app.small") for line in shown)  # no schema's table hides it
    assert sum("owner" in line for line in lines(of, None)) == 101  # with the heading


def test_moves_are_shown_with_how_far_they_are() -> None:
    move = RunningMove(102008, "app.t", 1, 2, 20 * 2**20, 11 * 2**20, "Copying Data")
    shown = lines(status(WELL, running=(move,)))
    [line] = [line for line in shown if line.startswith("app.t ") and "102008" in line]
    assert line.split()[1:] == [
        *["102008", "worker-0", "worker-1", "11", "MB", "20", "MB", "Copying", "Data"]
    ]


@pytest.mark.parametrize(
    ("job", "line"),
    [
        (Job(7, "finished", 4, 4, None, None, None), None),
        (
            Job(7, "running", 4, 1, None, None, None),
            "rebalance, job 7 (running): 1 of 4 moves done",
        ),
        (
            Job(7, "failed", 4, 1, None, None, "ERROR: no [room]\nHINT: make some"),
            "rebalance, job 7 (failed): 1 of 4 moves done; ERROR: no [room] HINT: make some",
        ),
    ],
    ids=["finished: nothing to say", "running", "failed"],
)
def test_the_last_rebalance_is_shown_while_it_runs_or_if_it_failed(
    job: Job, line: str | None
) -> None:
    said = [text for text in lines(status(WELL, job=job)) if text.startswith("rebalance")]
    assert said == ([line] if line else [])


def test_moves_that_a_dead_node_hides_are_said_to_be_unknown() -> None:
    assert "moves of shards: not known while a node is down" in lines(status(DOWN, running=None))
