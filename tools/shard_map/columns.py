"""A column of a map: a node's heading, and its shards as boxes. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.live_cluster.sizes import Size
from tools.shard_map.element import element, fitting, rectangle, width_of
from tools.shard_map.groups import counted
from tools.shard_map.layout import TOP
from tools.shard_map.style import fill, texture
from tools.shard_map.treemap import Rect

if TYPE_CHECKING:
    from xml.etree import ElementTree as ET

    from tools.live_cluster.values import Node
    from tools.shard_map.drawing import Box, Cell, Column, Drawing

_LINE = 15.0  # pixels of a line of text in a box
_PADDING = 6.0


def add_column(body: ET.Element, column: Column, drawing: Drawing) -> None:
    """Draw a node with all that it holds."""
    _add_heading(body, column)
    if not column.cells:
        space = Rect(column.rect.x, TOP, column.rect.width, max(drawing.floor - TOP, 40.0))
        rectangle(body, space, class_="empty", rx=4)
        centre = space.x + space.width / 2
        element(body, "text", "no shards", class_="dim", text_anchor="middle", x=centre, y=TOP + 24)
    for cell in column.cells:
        _add_cell(body, cell, column.node)


def _add_heading(body: ET.Element, column: Column) -> None:
    node, x, width = column.node, column.rect.x, column.rect.width
    group = element(body, "g")
    element(group, "title", f"{node.name}\n{node.address}\n{node.silent}".strip())
    element(group, "text", fitting(node.name, width, size=14), class_="name", x=x, y=18)
    size = column.size if column.size.bytes or column.size.exact else "size unknown"
    holds = f"{size}, {counted(column.shards, 'shard')}"
    element(group, "text", fitting(holds, width), class_="dim", x=x, y=36)
    state, how = _state(node)
    element(group, "text", fitting(state, width, size=11), class_=how, x=x, y=53)


def _state(node: Node) -> tuple[str, str]:
    if node.silent or not node.active:
        return ("✕ does not answer" if node.active else "✕ not active"), "alarm"
    if not node.should_have_shards and not node.is_coordinator:
        return "is to have no shards", "dim"
    return str(node.address), "address dim"


def _add_cell(body: ET.Element, cell: Cell, node: Node) -> None:
    for box in cell.boxes:
        _add_box(body, box, cell, node)
    if texture(cell.group) != "plain":
        rectangle(body, cell.rect, class_="texture", fill=f"url(#{texture(cell.group)})")
    rectangle(body, cell.rect, class_="cell", pointer_events="none")
    if cell.target is not None or not cell.size.exact:
        how = "unknown" if cell.target is None else "moving"
        rectangle(body, cell.rect.inset(1.5), class_=how, pointer_events="none")
    _add_label(body, cell)


def _add_box(body: ET.Element, box: Box, cell: Cell, node: Node) -> None:
    group = element(body, "g")
    lines = [
        box.placement.table,
        f"shard {box.placement.shardid}, {Size.of([box.placement.bytes])}, on {node.name}",
        f"colocation group {box.placement.colocation_id}: {cell.label}",
    ]
    if cell.target is not None:
        lines.append(f"planned: moves to {cell.target.name}")
    element(group, "title", "\n".join(lines))
    rectangle(group, box.rect, class_="box", fill=fill(cell.group))


def _add_label(body: ET.Element, cell: Cell) -> None:
    """Write what fits: a name, then the size or where it moves."""
    rect = cell.rect
    room = rect.width - _PADDING
    label = fitting(cell.label, room, size=11)
    if not label or rect.height < _LINE:
        return
    ways = [f"→ {cell.target.name}", f"→ {_number(cell.target)}"] if cell.target else []
    lines = [line for line in ways or [str(cell.size)] if width_of(line, size=10) <= room]
    two = lines and rect.height >= 2 * _LINE
    x, y = rect.x + rect.width / 2, rect.y + rect.height / 2 + (-2 if two else 4)
    element(body, "text", label, class_="label", x=x, y=y)
    if two:
        element(body, "text", lines[0], class_="label small", x=x, y=y + 12)


def _number(node: Node) -> str:
    return node.name.rpartition("-")[2]
