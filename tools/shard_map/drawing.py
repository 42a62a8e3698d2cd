"""The parts of a map, each with its place in pixels. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tools.live_cluster.sizes import Size
    from tools.live_cluster.values import Node, Placement
    from tools.shard_map.groups import Group
    from tools.shard_map.treemap import Rect


@dataclass(frozen=True)
class Box:
    """A shard."""

    rect: Rect
    placement: Placement


@dataclass(frozen=True)
class Cell:
    """Shards that move together, with their label; ``target`` is where a planned move goes."""

    rect: Rect
    label: str
    size: Size
    group: Group
    boxes: tuple[Box, ...]
    target: Node | None


@dataclass(frozen=True)
class Column:
    """A node, with all that it holds; ``rect`` is what its shards fill."""

    node: Node
    rect: Rect
    shards: int
    size: Size
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Arc:
    """Planned moves from one column to another, by their middles; ``depth`` is below the floor."""

    start: float
    end: float
    depth: float
    source: Column
    target: Column
    shards: int
    size: Size


@dataclass(frozen=True)
class Drawing:
    """All of it; ``floor`` is the end of the lowest column, ``average`` a height on the way."""

    width: float
    height: float
    floor: float
    average: float
    groups: tuple[Group, ...]
    columns: tuple[Column, ...]
    arcs: tuple[Arc, ...]
