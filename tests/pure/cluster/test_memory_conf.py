"""What a node's size makes of its settings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citus.cluster import memory_conf
from citus.cluster.postgresql_conf import coordinator, worker
from citus.node_size import NodeSize

pytestmark = pytest.mark.pure

MEMORY = ("shared_buffers", "effective_cache_size", "work_mem", "maintenance_work_mem")


def mebibytes(conf: dict[str, str], name: str) -> int:
    return int(conf[name].removesuffix("MB"))


@pytest.mark.parametrize(
    ("memory", "expected"),
    [
        (256, (64, 192, 4, 16)),
        (1024, (256, 768, 4, 64)),
        (4096, (1024, 3072, 10, 256)),
        (65536, (16384, 49152, 163, 1024)),
    ],
)
def test_memory_is_shared_out(memory: int, expected: tuple[int, ...]) -> None:
    conf = memory_conf.settings(NodeSize(memory), max_connections=100)
    assert tuple(mebibytes(conf, name) for name in MEMORY) == expected


def test_without_a_known_size_postgresql_keeps_its_own() -> None:
    assert memory_conf.settings(NodeSize(), max_connections=100) == {}
    assert not {*MEMORY, "max_wal_size"} & coordinator().keys()


@pytest.mark.parametrize(
    ("size", "wal"),
    [
        (NodeSize(memory=512), None),
        (NodeSize(memory=4096), 4096),
        (NodeSize(memory=65536), 8192),
        (NodeSize(memory=4096, storage=100 * 1024), 4096),
        (NodeSize(memory=4096, storage=10 * 1024), None),
        (NodeSize(memory=4096, storage=40 * 1024), 4096),
        (NodeSize(memory=4096, storage=1024), 102),
        (NodeSize(storage=5 * 1024), 512),
    ],
)
def test_the_wal_takes_a_tenth_of_the_disk_at_most(size: NodeSize, wal: int | None) -> None:
    conf = memory_conf.settings(size, max_connections=100)
    assert conf.get("max_wal_size") == (None if wal is None else f"{wal}MB")


@given(st.integers(256, 1 << 24), st.integers(10, 10_000))
def test_buffers_and_a_sort_of_each_session_fit_in_the_memory(memory: int, sessions: int) -> None:
    conf = memory_conf.settings(NodeSize(memory), max_connections=sessions)
    sort = mebibytes(conf, "work_mem")
    assert sort == 4 or mebibytes(conf, "shared_buffers") + sessions * sort <= memory


def test_what_the_user_sets_wins_on_every_node() -> None:
    own = {"work_mem": "64MB", "wal_retrieve_retry_interval": "1s", "jit": "off"}
    for conf in (coordinator(NodeSize(4096), own), worker(NodeSize(4096), own)):
        assert own.items() <= conf.items()


def test_more_connections_bring_what_they_need() -> None:
    own = {"max_connections": "400"}
    first, other = coordinator(NodeSize(4096), own), worker(NodeSize(4096), own)
    assert (first["max_connections"], other["max_connections"]) == ("400", "450")
    assert int(other["max_prepared_transactions"]) >= 450
    assert mebibytes(first, "work_mem") < mebibytes(coordinator(NodeSize(4096)), "work_mem")
