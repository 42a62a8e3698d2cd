"""The part of this machine that one node may take."""

from __future__ import annotations

import math

import psutil

from citus.node_size import NodeSize

_GIB = 1 << 30
# A coordinator and eight workers fit in half of the machine. It is no share by the number of
# workers: each that joins would then restart all others.
_NODES = 16
_MOST_MIB = 2048


def node_size() -> NodeSize:
    """Give a node's part of the memory that the machine has, whoever uses it at the moment."""
    return NodeSize(memory=memory_of_a_node(psutil.virtual_memory().total))


def memory_of_a_node(total: int) -> int:
    """Give MiB for a machine of *total* bytes.

    The kernel keeps a part of what a machine has, another one from version to version: with a tenth
    for that, the power of two below is the same each time, and so are the settings.
    """
    nominal = 1 << max(0, math.floor(math.log2(total * 1.1 / _GIB)))
    return min(nominal * 1024 // _NODES, _MOST_MIB)
