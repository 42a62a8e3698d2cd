"""Shards on their way, and the last rebalance. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.text import Text

from tools.live_cluster.sizes import pretty
from tools.status.grid import Row, fill, grid

if TYPE_CHECKING:
    from rich.console import RenderableType

    from tools.live_cluster.moves import Job, RunningMove
    from tools.live_cluster.values import Cluster
    from tools.status.values import Status


def moves(status: Status, at_most: int | None) -> Iterator[RenderableType]:
    """Show the moves of this moment, and the last rebalance while it runs or if it failed."""
    if status.running is None:
        yield Text("moves of shards: not known while a node is down", "yellow")
    elif status.running:
        table = grid("moving", ">shard", "from", "to", ">there", ">of", "how far")
        rows = [_move(status.cluster, move) for move in status.running]
        yield fill(table, rows, at_most)
    if status.last_job and (status.last_job.is_running or status.last_job.has_failed):
        yield _job(status.last_job)


def _move(cluster: Cluster, move: RunningMove) -> Row:
    way = [cluster.name_of(move.source), cluster.name_of(move.target)]
    sizes = [pretty(move.copied), pretty(move.bytes)]
    return Row(move.bytes, [move.table, str(move.shardid), *way, *sizes, move.status])


def _job(job: Job) -> Text:
    line = f"rebalance, job {job.job_id} ({job.state}): {job.done} of {job.moves} moves done"
    if job.failure:
        line += f"; {' '.join(job.failure.split())}"
    return Text(line, "bold red" if job.has_failed else "")
