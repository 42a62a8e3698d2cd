"""A map as SVG: complete in itself, light and dark. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from tools.shard_map import heading
from tools.shard_map.columns import add_column
from tools.shard_map.element import element, rectangle, width_of
from tools.shard_map.groups import counted
from tools.shard_map.layout import MARGIN
from tools.shard_map.style import CSS
from tools.shard_map.treemap import Rect

if TYPE_CHECKING:
    from tools.shard_map.drawing import Arc, Drawing

_CORNER = 7.0
_ARROW = 5.0
_BELOW = 11.0  # a line that is shorter than its label


def svg(drawing: Drawing, title: str, figures: Sequence[str]) -> ET.Element:
    """Draw it below a title and *figures*, a line each."""
    top = heading.height(drawing, figures)
    width, height = drawing.width, drawing.height + top
    root = element(
        None,
        "svg",
        xmlns="http://www.w3.org/2000/svg",
        class_="map",
        role="img",
        viewBox=f"0 0 {width:.0f} {height:.0f}",
        width=f"{width:.0f}",
        height=f"{height:.0f}",
    )
    element(root, "title", title)
    element(root, "style", CSS)
    heading.add_textures(root)
    heading.add(root, drawing, title, figures)
    body = element(root, "g", transform=f"translate(0 {top:.0f})")
    _add_average(body, drawing)
    for column in drawing.columns:
        add_column(body, column, drawing)
    for arc in drawing.arcs:
        _add_arc(body, arc)
    return root


def _add_average(body: ET.Element, drawing: Drawing) -> None:
    if len(drawing.columns) > 1:
        y, right = drawing.average, drawing.width - MARGIN / 2
        line = element(body, "line", class_="average", x1=MARGIN / 2, x2=right, y1=y, y2=y)
        element(line, "title", "the average of the nodes that may hold shards")
        element(body, "text", "⌀", class_="dim", x=4, y=y + 4)


def _add_arc(body: ET.Element, arc: Arc) -> None:
    """Draw a line down from one column, along its lane, and up to another."""
    group = element(body, "g")
    way = f"{arc.source.node.name} → {arc.target.node.name}"
    label = f"{counted(arc.shards, 'shard')}, {arc.size}"
    element(group, "title", f"planned: {way}: {label}")
    turn = _CORNER if arc.end > arc.start else -_CORNER
    begins, ends = arc.source.rect.bottom + 4, arc.target.rect.bottom + 4
    path = (
        f"M{arc.start:.1f} {begins:.1f}V{arc.depth - _CORNER:.1f}"
        f"q0 {_CORNER} {turn} {_CORNER}H{arc.end - turn:.1f}"
        f"q{turn} 0 {turn} {-_CORNER}V{ends + _ARROW:.1f}"
    )
    element(group, "path", class_="arc", d=path)
    head = f"M{arc.end:.1f} {ends:.1f}l{-_ARROW} {2 * _ARROW}h{2 * _ARROW}z"
    element(group, "path", class_="head", d=head)
    middle, width = (arc.start + arc.end) / 2, width_of(label) + 8
    fits = width + 4 * _CORNER < abs(arc.end - arc.start)
    y = arc.depth + (0 if fits else _BELOW)
    rectangle(group, Rect(middle - width / 2, y - 7, width, 14), class_="page")
    element(group, "text", label, class_="how-many dim", x=middle, y=y + 4)
