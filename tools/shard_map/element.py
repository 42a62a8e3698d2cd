"""Elements of SVG and HTML, whatever names a database holds. Pure."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from tools.shard_map.treemap import Rect

# PostgreSQL takes signs in a name that XML can't hold, even escaped.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_LETTER = 0.58  # the width of an average letter, in its height
_FEWEST = 4


def element(
    parent: ET.Element | None, tag: str, text: str = "", **attributes: float | str
) -> ET.Element:
    """Make one below *parent*: ``class_`` is ``class``, and ``stroke_width`` has a hyphen."""
    made = ET.Element(tag) if parent is None else ET.SubElement(parent, tag)
    for name, value in attributes.items():
        _set(made, name, value)
    if text:
        made.text = legible(text)
    return made


def rectangle(parent: ET.Element, rect: Rect, **attributes: float | str) -> ET.Element:
    """Make a ``rect``."""
    made = element(parent, "rect", x=rect.x, y=rect.y, width=rect.width, height=rect.height)
    for name, value in attributes.items():
        _set(made, name, value)
    return made


def _set(made: ET.Element, name: str, value: float | str) -> None:
    hyphened = name.rstrip("_").replace("_", "-")
    made.set(hyphened, legible(value) if isinstance(value, str) else f"{value:.2f}")


def legible(text: str) -> str:
    """Put a sign for each that XML can't hold."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def fitting(text: str, width: float, *, size: float = 12) -> str:
    """Shorten a text in its middle to a width in pixels, in letters of that size.

    Names often differ at their ends alone; less than four letters tell nothing.
    """
    letters = int(width / (size * _LETTER))
    if len(text) <= letters:
        return text
    if letters < _FEWEST:
        return ""
    head = (letters - 1) // 3
    return f"{text[:head]}…{text[head + 1 - letters :]}"


def width_of(text: str, *, size: float = 12) -> float:
    """Guess the pixels that a text takes."""
    return len(text) * size * _LETTER
