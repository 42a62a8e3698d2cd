"""Where everything goes: a column a node, a box a shard, an arc for planned moves. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.live_cluster.sizes import Size
from tools.shard_map.arcs import arcs
from tools.shard_map.drawing import Box, Cell, Column, Drawing
from tools.shard_map.groups import Group, ShardGroup, groups_of, held
from tools.shard_map.scale import Scale
from tools.shard_map.treemap import Rect, sliced, squarified

if TYPE_CHECKING:
    from tools.live_cluster.moves import Plan
    from tools.live_cluster.values import Cluster, Node, Placement

MARGIN = 28.0
TOP = 64.0  # above the columns, for their headings
_GAP = 16.0  # between columns
_BAND_GAP = 4.0  # between the groups of a column
LEAST_BAND = 6.0  # the height of a group, so that its colour and texture can be seen
_LEAST_WIDTH = 640.0  # for the title and the legend


def layout(cluster: Cluster, plan: Plan) -> Drawing:
    """Place all that a cluster holds, and what a plan would move."""
    groups = groups_of(cluster)
    shown = _shown(cluster, groups)
    scale = Scale.of(cluster, list(shown.values()))
    nodes = {node.groupid: node for node in cluster.nodes}
    targets = {(move.shardid, move.source): nodes[move.target] for move in plan.moves}
    layout_of = _Columns(cluster, groups, scale, targets)
    columns = [
        layout_of.column(nodes[groupid], MARGIN + index * (scale.column_width + _GAP))
        for index, groupid in enumerate(shown)
    ]
    floor = max((column.rect.bottom for column in columns), default=TOP)
    drawn = tuple(arcs(columns, floor))
    width = max(2 * MARGIN + len(columns) * (scale.column_width + _GAP) - _GAP, _LEAST_WIDTH)
    height = max((arc.depth for arc in drawn), default=floor) + MARGIN
    return Drawing(width, height, floor, _average(columns), tuple(groups), tuple(columns), drawn)


@dataclass(frozen=True)
class _Columns:
    """What the columns have in common."""

    cluster: Cluster
    groups: Sequence[Group]
    scale: Scale
    targets: Mapping[tuple[int, int], Node]

    def column(self, node: Node, left: float) -> Column:
        """Stack the groups of a node from the top down."""
        top = TOP
        cells: list[Cell] = []
        for group in self.groups:
            within = held(self.cluster, group, node.groupid)
            if within:
                width = self.scale.column_width
                height = sum(self._area(shards) for shards in within) / width
                band = Rect(left, top, width, max(height, LEAST_BAND))
                cells += self._cells(group, within, band)
                top = band.bottom + _BAND_GAP
        shards = [box.placement for cell in cells for box in cell.boxes]
        whole = Rect(left, TOP, self.scale.column_width, max(top - _BAND_GAP - TOP, 0))
        size = Size.of(placement.bytes for placement in shards)
        return Column(node, whole, len(shards), size, tuple(cells))

    def _cells(self, group: Group, within: list[ShardGroup], band: Rect) -> Iterator[Cell]:
        areas = [self._area(shards) for shards in within]
        for shards, rect in zip(within, squarified(areas, band), strict=True):
            slices = sliced([self.scale.area(p) for p in shards.placements], rect)
            boxes = tuple(map(Box, slices, shards.placements))
            first = shards.placements[0]
            target = self.targets.get((first.shardid, first.groupid))
            size = Size.of(placement.bytes for placement in shards.placements)
            yield Cell(rect, shards.label, size, group, boxes, target)

    def _area(self, shards: ShardGroup) -> float:
        return sum(self.scale.area(placement) for placement in shards.placements)


def _shown(cluster: Cluster, groups: Sequence[Group]) -> dict[int, list[Placement]]:
    """Give the nodes that get a column: those that hold shards or may, and every worker."""
    drawn = {table.qualified for group in groups for table in group.tables}
    holds = {n: [p for p in cluster.on(n.groupid) if p.table in drawn] for n in cluster.nodes}
    return {
        node.groupid: shards
        for node, shards in holds.items()
        if shards or node.should_have_shards or not node.is_coordinator
    }


def _average(columns: Sequence[Column]) -> float:
    """Give where the columns of the nodes that hold shards or may would end if all were even."""
    heights = [
        column.rect.height
        for column in columns
        if column.node.should_have_shards
        or any(cell.group.kind != "reference" for cell in column.cells)
    ]
    return TOP + sum(heights) / max(len(heights), 1)
