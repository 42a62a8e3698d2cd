"""What stands above the columns: the title, figures, and what the colours mean. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tools.shard_map.element import element, fitting, rectangle
from tools.shard_map.layout import MARGIN
from tools.shard_map.style import fill, texture
from tools.shard_map.treemap import Rect

if TYPE_CHECKING:
    from xml.etree import ElementTree as ET

    from tools.shard_map.drawing import Drawing
    from tools.shard_map.groups import Group

_TITLE, _FIGURE, _ENTRY = 40.0, 20.0, 22.0  # heights of a line
_ENTRY_WIDTH = 540.0
_AT_MOST = 12  # groups that a legend tells of
_PATTERNS = {
    "lines": "M-1 1L1 -1M0 6L6 0M5 7L7 5",
    "dots": "M2 3h2",
    "cross": "M0 3h6M3 0v6",
}


def height(drawing: Drawing, figures: Sequence[str]) -> float:
    """Give the pixels that it takes."""
    entries = min(len(drawing.groups), _AT_MOST + 1)
    lines = -(-entries // _in_a_line(drawing))
    return _TITLE + _FIGURE * len(figures) + 10 + _ENTRY * lines + 12


def add(root: ET.Element, drawing: Drawing, title: str, figures: Sequence[str]) -> None:
    """Draw it."""
    element(root, "text", title, class_="title", x=MARGIN, y=34)
    for index, figure in enumerate(figures):
        how = "figure" if index == 0 else "dim"
        y = _TITLE + _FIGURE * (index + 1)
        element(root, "text", figure, class_=how, x=MARGIN, y=y)
    top = _TITLE + _FIGURE * len(figures) + 14
    for index, group in enumerate(drawing.groups[:_AT_MOST]):
        line, column = divmod(index, _in_a_line(drawing))
        _add_entry(root, group, MARGIN + column * _ENTRY_WIDTH, top + line * _ENTRY)
    more = len(drawing.groups) - _AT_MOST
    if more > 0:
        line, column = divmod(_AT_MOST, _in_a_line(drawing))
        x, y = MARGIN + column * _ENTRY_WIDTH, top + line * _ENTRY + 12
        element(root, "text", f"and {more} more", class_="dim", x=x, y=y)


def add_textures(root: ET.Element) -> None:
    """Define the patterns that the boxes refer to."""
    defs = element(root, "defs")
    for name, path in _PATTERNS.items():
        pattern = element(
            defs, "pattern", id=name, width=6, height=6, patternUnits="userSpaceOnUse"
        )
        element(pattern, "path", d=path, stroke="#10151b", stroke_opacity="0.35", fill="none")


def _in_a_line(drawing: Drawing) -> int:
    return max(int((drawing.width - 2 * MARGIN) // _ENTRY_WIDTH), 1)


def _add_entry(root: ET.Element, group: Group, x: float, y: float) -> None:
    swatch = Rect(x, y, 22, 16)
    rectangle(root, swatch, rx=2, fill=fill(group))
    if texture(group) != "plain":
        rectangle(root, swatch, rx=2, fill=f"url(#{texture(group)})")
    element(root, "text", group.key, class_="label", x=x + 11, y=y + 12)
    what = f"{group.title}, {group.size}"
    element(root, "text", fitting(what, _ENTRY_WIDTH - 40), x=x + 30, y=y + 12)
