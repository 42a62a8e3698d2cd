"""A map in a terminal: a bar a node, a letter for each group, as long as its bytes. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Group as Lines
from rich.console import RenderableType
from rich.text import Text

from tools.live_cluster.sizes import pretty
from tools.shard_map.style import fill
from tools.status.grid import grid

if TYPE_CHECKING:
    from tools.live_cluster.moves import Plan
    from tools.live_cluster.values import Cluster
    from tools.shard_map.drawing import Column, Drawing
    from tools.shard_map.groups import Group

_LONGEST = 60  # letters, for the fullest node


def text(
    drawing: Drawing, cluster: Cluster, plan: Plan, title: str, figures: Sequence[str]
) -> RenderableType:
    """Draw the columns of a map as bars, then what their letters mean, then planned moves."""
    parts: list[RenderableType] = [Text(title, "bold"), *map(Text, figures), "", _bars(drawing), ""]
    for group in drawing.groups:
        what = f" {group.title}, {group.size}"
        parts.append(Text.assemble((f" {group.key} ", _style(group)), what))
    if plan.moves:
        parts += ["", _moves(cluster, plan)]
    return Lines(*parts)


def _bars(drawing: Drawing) -> RenderableType:
    fullest = max((sum(_bytes(column).values()) for column in drawing.columns), default=0)
    table = grid("node", "", ">shards", ">size")
    for column in drawing.columns:
        bar = Text()
        for group, length in _lengths(_bytes(column), _LONGEST / max(fullest, 1)).items():
            bar.append(group.key[0] * length, _style(group))
        if column.node.silent:
            bar.append(" does not answer", "bold red")
        table.add_row(Text(column.node.name), bar, str(column.shards), str(column.size))
    return table


def _bytes(column: Column) -> dict[Group, float]:
    """Give what is drawn of each group, by its area: that of unknown size counts as drawn."""
    areas: dict[Group, float] = {}
    for cell in column.cells:
        areas[cell.group] = areas.get(cell.group, 0) + cell.rect.area
    return areas


def _lengths(sizes: dict[Group, float], per_unit: float) -> dict[Group, int]:
    """Round to whole letters; what is there has at least one."""
    return {group: max(round(size * per_unit), 1) for group, size in sizes.items()}


def _style(group: Group) -> str:
    return f"#10151b on {fill(group)}"


def _moves(cluster: Cluster, plan: Plan) -> RenderableType:
    """Sum planned moves up by the pair of nodes."""
    counts: Counter[tuple[int, int]] = Counter()
    sizes: Counter[tuple[int, int]] = Counter()
    for move in plan.moves:
        counts[move.source, move.target] += 1
        sizes[move.source, move.target] += move.bytes or 0
    table = grid("planned: from", "to", ">shards", ">size")
    for (source, target), count in sorted(counts.items()):
        way = [Text(cluster.name_of(source)), Text(cluster.name_of(target))]
        table.add_row(*way, str(count), pretty(sizes[source, target]))
    return table
