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

    Of what a machine has, its kernel keeps a part that differs from one version to the next: it is
    taken for the nearest power of two, so that the settings stay.
    """
    nominal = 1 << max(0, round(math.log2(total / _GIB)))
    return min(nominal * 1024 // _NODES, _MOST_MIB)
