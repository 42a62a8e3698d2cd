"""The part of this machine that one node may take."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import psutil

from citus.node_size import NodeSize

_GIB = 1 << 30
# A coordinator and eight workers fit in half of the machine. It is no share by the number of
# workers: each that joins would then restart all others.
_NODES = 16
_MOST_MIB = 2048
_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


def node_size() -> NodeSize:
    """Give a node's part of the memory that the machine has, whoever uses it at the moment."""
    total = psutil.virtual_memory().total
    return NodeSize(memory=memory_of_a_node(min([total, *limits(_LIMITS)])))


def limits(files: Sequence[Path]) -> list[int]:
    """Read what a container may have at most, in bytes, where it is limited."""
    texts = [file.read_text().strip() for file in files if file.exists()]
    return [int(text) for text in texts if text.isdecimal()]


def memory_of_a_node(total: int) -> int:
    """Give MiB for a machine of *total* bytes.

    The kernel keeps a part of what a machine has, another one from version to version: with a tenth
    for that, the power of two below is the same each time, and so are the settings.
    """
    nominal = 1 << max(0, math.floor(math.log2(total * 1.1 / _GIB)))
    return min(nominal * 1024 // _NODES, _MOST_MIB)
