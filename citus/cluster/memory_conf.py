"""The settings that come from the size of a node, each with its reason. Pure."""

from __future__ import annotations

from citus.node_size import NodeSize

# Where PostgreSQL's own default is for a machine of any size, nothing goes below it.
_DEFAULT_WORK_MEM = 4
_DEFAULT_WAL = 1024
_MOST_MAINTENANCE = 1024
_MOST_WAL = 8192


def settings(size: NodeSize, *, max_connections: int) -> dict[str, str]:
    """Give those of a node of *size*; none of memory where the size isn't known."""
    conf = {} if size.memory == 0 else _memory(size.memory, max_connections)
    wal = _max_wal_size(size)
    return conf if wal is None else {**conf, "max_wal_size": f"{wal}MB"}


def _memory(mebibytes: int, max_connections: int) -> dict[str, str]:
    shared = mebibytes // 4
    # A session may take it several times over, and not all sessions sort at once.
    work = (mebibytes - shared) // (3 * max_connections)
    return {
        # A quarter of the memory is PostgreSQL's own advice; the system caches the files anyway.
        "shared_buffers": f"{shared}MB",
        # What the planner takes for cached, here or by the system; nothing is reserved.
        "effective_cache_size": f"{mebibytes * 3 // 4}MB",
        # Sorts and hashes beyond it go to the disk.
        "work_mem": f"{max(_DEFAULT_WORK_MEM, work)}MB",
        # A move of a shard ends with its indexes; each autovacuum worker may take as much.
        "maintenance_work_mem": f"{min(_MOST_MAINTENANCE, mebibytes // 16)}MB",
    }


def _max_wal_size(size: NodeSize) -> int | None:
    """Give MiB; ``None`` for PostgreSQL's own.

    Shards that come write all their rows to the WAL: with more room for it a move waits for fewer
    checkpoints. It is a tenth of the disk at most, since a full one stops the node. Where that is
    less it is PostgreSQL's own, and follows no disk that grows: on some platforms another setting
    is a restart.
    """
    wanted = max(_DEFAULT_WAL, min(size.memory, _MOST_WAL))
    if size.storage and size.storage // 10 < wanted:
        wanted = min(_DEFAULT_WAL, size.storage // 10)
    return None if wanted == _DEFAULT_WAL else wanted
