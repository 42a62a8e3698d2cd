"""How much of a machine a node may take: what its settings of memory and disk are made from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class NodeSize:
    """The size of each node, as far as it is known before the node exists.

    Attributes:
        memory: How many MiB a node has; 0 where nothing says it.
        storage: How many MiB the disk of its data has; 0 where nothing says it.
    """

    memory: int = 0
    storage: int = 0
