"""A map as a page of HTML that needs nothing else. Pure."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from tools.shard_map.element import legible

if TYPE_CHECKING:
    from datetime import datetime

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
body {{ margin: 0; background: #ffffff; color: #59636e; }}
main {{ width: fit-content; margin: 0 auto; }}
svg {{ display: block; max-width: 100%; height: auto; }}
footer {{ padding: 0 28px 28px; font: 12px system-ui, sans-serif; }}
@media (prefers-color-scheme: dark) {{ body {{ background: #0d1117; color: #9198a1; }} }}
</style>
</head>
<body>
<main>
{svg}
<footer>Read at {at}. Rest the pointer on a box to see which shard it is.</footer>
</main>
</body>
</html>
"""


def page(svg: ET.Element, title: str, at: datetime) -> str:
    """Put a map into a page, with when it was read."""
    return _PAGE.format(
        title=escape(legible(title)),
        svg=ET.tostring(svg, encoding="unicode"),
        at=at.astimezone().strftime("%Y-%m-%d %H:%M:%S %Z"),
    )
