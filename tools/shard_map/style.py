"""The colours of a map, light and dark, as CSS. Pure.

The fills are of Paul Tol's scheme *light*, made for labelled areas, which the colour-blind tell
apart; all bear dark text. Where there are more groups than colours, textures tell them apart too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tools.shard_map.groups import Group

_TONES = ("#77aadd", "#ee8866", "#44bb99", "#eedd88", "#ffaabb", "#aaaa00")
_BY_KIND = {"schema": "#bbcc33", "single shard": "#99ddff", "reference": "#dddddd"}
TEXTURES = ("plain", "lines", "dots", "cross")  # one for each round of the colours

CSS = """
.map {
  --page: #ffffff; --text: #1f2328; --dim: #59636e; --empty: #d1d9e0; --alarm: #c1121f;
  background: var(--page);
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
@media (prefers-color-scheme: dark) {
  .map {
    --page: #0d1117; --text: #e6edf3; --dim: #9198a1; --empty: #3d444d; --alarm: #ff7b72;
  }
  .map .box { fill-opacity: 0.86; }
}
.map text { fill: var(--text); font-size: 12px; }
.map .title { font-size: 20px; font-weight: 600; }
.map .figure { font-size: 14px; }
.map .name { font-size: 14px; font-weight: 600; }
.map .dim { fill: var(--dim); }
.map .alarm { fill: var(--alarm); font-weight: 600; }
.map .label { fill: #10151b; font-size: 11px; text-anchor: middle; pointer-events: none; }
.map .small { font-size: 10px; opacity: 0.75; }
.map .box { stroke: var(--page); stroke-width: 0.5; }
.map .texture { pointer-events: none; }
.map .cell { fill: none; stroke: var(--page); stroke-width: 1.5; }
.map .moving { fill: none; stroke: var(--text); stroke-width: 2; }
.map .unknown { fill: none; stroke: #10151b; stroke-width: 1; stroke-dasharray: 3 3; }
.map .empty { fill: none; stroke: var(--empty); stroke-dasharray: 4 4; }
.map .average { stroke: var(--text); stroke-dasharray: 2 5; stroke-width: 1.2; opacity: 0.7; }
.map .arc { fill: none; stroke: var(--dim); stroke-width: 1.6; }
.map .head { fill: var(--dim); }
.map .how-many { text-anchor: middle; }
.map .page { fill: var(--page); }
.map g:hover > .box { fill-opacity: 1; stroke: var(--text); stroke-width: 1; }
.map g:hover > .arc { stroke: var(--text); stroke-width: 2.4; }
"""


def fill(group: Group) -> str:
    """Give the colour of a group."""
    return _BY_KIND.get(group.kind) or _TONES[group.tone % len(_TONES)]


def texture(group: Group) -> str:
    """Give what lies over the colour: nothing over the first ones."""
    if group.kind == "reference":
        return "lines"
    return TEXTURES[group.tone // len(_TONES) % len(TEXTURES)]
