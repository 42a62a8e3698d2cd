"""How large a shard is drawn. Pure.

Areas follow bytes. A shard too small to be seen has `LEAST_AREA`, and the shards of a column's
group that is too low to be seen fill a little more (`tools.shard_map.layout.LEAST_BAND`). One
whose size its node did not tell is drawn as the average of its table, or, as of a schema's one
shard, of its kind.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tools.live_cluster.values import Cluster, Placement

LEAST_AREA = 60.0  # square pixels
_LOWEST, _TALLEST = 150.0, 560.0  # of the fullest column, in pixels
_FOR_A_BOX = 24.0  # pixels of it, as long as there are few
_NARROWEST, _WIDEST, _ALL = 108.0, 240.0, 1160.0  # widths of a column, and of all together


@dataclass(frozen=True)
class Scale:
    """Square pixels for bytes, in columns of one width."""

    column_width: float
    per_byte: float
    averages: Mapping[str, float]

    @classmethod
    def of(cls, cluster: Cluster, columns: list[list[Placement]]) -> Scale:
        """Choose it so that the fullest column has a readable height."""
        width = min(max(_ALL / max(len(columns), 1), _NARROWEST), _WIDEST)
        averages = _averages(cluster)
        most = max((len(column) for column in columns), default=0)
        height = min(max(_FOR_A_BOX * most, _LOWEST), _TALLEST)
        fullest = max((sum(_bytes(p, averages) for p in column) for column in columns), default=0.0)
        return cls(width, width * height / max(fullest, 1.0), averages)

    def area(self, placement: Placement) -> float:
        """Give the square pixels of a shard."""
        return max(_bytes(placement, self.averages) * self.per_byte, LEAST_AREA)


def _bytes(placement: Placement, averages: Mapping[str, float]) -> float:
    return averages[placement.table] if placement.bytes is None else float(placement.bytes)


def _averages(cluster: Cluster) -> dict[str, float]:
    """Give the average size of a shard for each table."""
    kinds = {table.qualified: table.kind for table in cluster.tables}
    known: dict[str, list[int]] = defaultdict(list)
    for placement in cluster.placements:
        if placement.bytes is not None:
            known[placement.table].append(placement.bytes)
            known[kinds[placement.table]].append(placement.bytes)
    means = {name: sum(sizes) / len(sizes) for name, sizes in known.items()}
    return {table: means.get(table, means.get(kind, 0.0)) for table, kind in kinds.items()}
