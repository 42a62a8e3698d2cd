"""Every shard has its box, as large as its bytes, in the column of its node."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given

from tests.pure.tools.clusters import cluster, clusters, clusters_with_plans, node, table
from tests.pure.tools.shard_map.rectangles import overlap
from tools.live_cluster.moves import Plan, PlannedMove
from tools.live_cluster.values import Cluster
from tools.shard_map.drawing import Box, Cell, Column, Drawing
from tools.shard_map.layout import LEAST_BAND, layout
from tools.shard_map.scale import LEAST_AREA

pytestmark = pytest.mark.pure


def boxes(drawing: Drawing) -> list[Box]:
    return [box for column in drawing.columns for cell in column.cells for box in cell.boxes]


def _by_group(column: Column) -> list[list[Cell]]:
    bands: dict[str, list[Cell]] = {}
    for cell in column.cells:
        bands.setdefault(cell.group.key, []).append(cell)
    return list(bands.values())


@given(clusters())
def test_each_placement_has_one_box_and_no_box_lies_on_another(drawn: Cluster) -> None:
    made = boxes(layout(drawn, Plan()))
    assert sorted((b.placement.shardid, b.placement.groupid) for b in made) == sorted(
        (p.shardid, p.groupid) for p in drawn.placements
    )
    assert sum(overlap(a.rect, b.rect) for a, b in combinations(made, 2)) < 1e-3


@given(clusters())
def test_areas_follow_bytes_in_all_columns_alike(drawn: Cluster) -> None:
    large = [
        box
        for column in layout(drawn, Plan()).columns
        for cells in _by_group(column)
        if max(c.rect.bottom for c in cells) - min(c.rect.y for c in cells) > 1.001 * LEAST_BAND
        for cell in cells
        for box in cell.boxes
        if box.placement.bytes and box.rect.area > 1.001 * LEAST_AREA
    ]
    if large:
        scale = large[0].rect.area / (large[0].placement.bytes or 1)
        wanted = [(b.placement.bytes or 0) * scale for b in large]
        assert [b.rect.area for b in large] == pytest.approx(wanted, rel=1e-6)


@given(clusters())
def test_no_shard_is_too_small_to_be_seen(drawn: Cluster) -> None:
    assert all(b.rect.area > 0.999 * LEAST_AREA for b in boxes(layout(drawn, Plan())))


@given(clusters_with_plans())
def test_what_is_planned_is_all_told_by_arcs_that_lie_apart(drawn: tuple[Cluster, Plan]) -> None:
    made = layout(*drawn)
    assert sum(arc.shards for arc in made.arcs) == len(drawn[1].moves)
    for one, other in combinations(made.arcs, 2):
        apart = max(min(one.start, one.end), min(other.start, other.end)) >= min(
            max(one.start, one.end), max(other.start, other.end)
        )
        assert one.depth != other.depth or apart
    ends = [x for arc in made.arcs for x in (arc.start, arc.end)]
    assert len(set(ends)) == len(ends)
    assert all(made.floor < arc.depth < made.height for arc in made.arcs)


def test_columns_are_as_high_as_their_nodes_are_full() -> None:
    drawn = cluster(3, {table("t", shards=3): [(1, 100_000), (2, 200_000), (2, 200_000)]})
    heights = [column.rect.height for column in layout(drawn, Plan()).columns]
    assert heights == pytest.approx([heights[1] / 4, heights[1], 0])


def test_the_coordinator_has_a_column_where_it_holds_shards_alone() -> None:
    distributed = {table("t"): [(1, 100)]}
    with_reference = distributed | {table("r", "reference", group=2): [(0, 100), (1, 100)]}
    names = [
        [column.node.name for column in layout(cluster(1, tables), Plan()).columns]
        for tables in (distributed, with_reference)
    ]
    assert names == [["worker-0"], ["coordinator", "worker-0"]]


def test_a_coordinator_that_may_hold_shards_is_where_moves_can_lead() -> None:
    drawn = cluster(1, {table("t", shards=2): [(1, 100), (1, 100)]})
    willing = replace(drawn, nodes=(node(0, should_have_shards=True), *drawn.workers))
    made = layout(willing, Plan((PlannedMove(1, "app.t", 1, 0, 100),)))
    assert [(arc.source.node.name, arc.target.node.name) for arc in made.arcs] == [
        ("worker-0", "coordinator")
    ]


def test_a_shard_of_unknown_size_is_drawn_as_the_average_of_its_table() -> None:
    drawn = cluster(
        [node(1), node(2, silent="failed to connect")],
        {table("t", shards=3): [(1, 10_000), (1, 30_000), (2, None)]},
    )
    known, _, unknown = boxes(layout(drawn, Plan()))
    assert unknown.rect.area == pytest.approx(2 * known.rect.area)


def test_colocated_shards_move_as_one_cell() -> None:
    one, other = table("a", shards=2), table("b", shards=2)
    drawn = cluster(2, {one: [(1, 100), (1, 100)], other: [(1, 50), (1, 50)]})
    plan = Plan((PlannedMove(1, "app.a", 1, 2, 100), PlannedMove(1001, "app.b", 1, 2, 50)))
    made = layout(drawn, plan)
    cells = {cell.label: cell for cell in made.columns[0].cells}
    assert [box.placement.table for box in cells["A1"].boxes] == ["app.a", "app.b"]
    assert [cells[label].target for label in ("A0", "A1")] == [None, drawn.nodes[2]]
    assert [(arc.shards, arc.size.bytes) for arc in made.arcs] == [(2, 150)]


def test_a_cluster_without_shards_is_drawn_too() -> None:
    made = layout(cluster(2, {}), Plan())
    assert [column.cells for column in made.columns] == [(), ()]
