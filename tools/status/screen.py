"""What a `Status` looks like in a terminal. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

from tools.live_cluster.sizes import Size
from tools.status.grid import grid
from tools.status.holdings import schemas, tables
from tools.status.shard_moves import moves

if TYPE_CHECKING:
    from tools.live_cluster.values import Cluster, Node
    from tools.status.values import Status

_REACHED = {True: Text("✓", "green"), False: Text("✗", "bold red"), None: Text("?", "yellow")}


def screen(stack: str, status: Status, *, at_most: int | None) -> RenderableType:
    """Lay out all parts; of schemas, tables and moves *at_most* the largest, ``None`` for all."""
    cluster = status.cluster
    parts = [
        _head(stack, cluster),
        nodes(status),
        *schemas(cluster, at_most),
        *tables(cluster, at_most),
        *moves(status, at_most),
    ]
    return Group(*(line for part in parts for line in (part, "")))


def _head(stack: str, cluster: Cluster) -> Text:
    head = Text.assemble(
        (stack, "bold"), f"  Citus {cluster.citus_version}, database {cluster.database}"
    )
    if cluster.is_standin:
        head.append("  (all rows are on the coordinator)", "dim")
    return head


def nodes(status: Status) -> RenderableType:
    """Show each node with what it holds, and a row of the health matrix."""
    cluster = status.cluster
    reached = {(reach.source, reach.target): reach.reached for reach in status.health or ()}
    targets = "".join(str(n.groupid - 1)[-1] if n.groupid else "c" for n in cluster.nodes)
    table = grid("node", "address", "state", ">shards", ">size", f"reaches {targets}")
    for node in cluster.nodes:
        held = cluster.on(node.groupid)
        row = Text("        ")
        for target in cluster.nodes:
            row.append_text(_REACHED[reached.get((node.address, target.address))])
        size = str(Size.of(placement.bytes for placement in held))
        table.add_row(node.name, str(node.address), _state(node), str(len(held)), size, row)
    return table


def _state(node: Node) -> Text:
    if not node.active:
        return Text("not active", "yellow")
    if node.silent:
        return Text(f"down: {node.silent}", "bold red")
    if not node.metadata_synced:
        return Text("metadata not synced", "yellow")
    if node.should_have_shards or node.is_coordinator:
        return Text("up", "green")
    return Text("up, to have no shards", "yellow")
