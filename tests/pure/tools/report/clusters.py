"""A cluster as it is read, small enough to count by hand."""

from __future__ import annotations

from citus.endpoint import Address
from tools.live_cluster.values import Cluster, Node, Placement, Table

MIB = 2**20


def cluster(*placements: Placement) -> Cluster:
    """Three workers; ``ads.companies`` and ``ads.ads`` lie together, ``geo.ips`` is local."""
    addresses = {0: "coordinator", 1: "worker-0", 2: "worker-1", 3: "worker-2"}
    return Cluster(
        "postgres",
        "13.0-1",
        tuple(
            Node(group, name, Address("127.0.0.1", 5432 + group), True, group > 0, True)  # noqa: FBT003
            for group, name in addresses.items()
        ),
        (),
        (
            Table("ads", "companies", "ads.companies", "distributed", "id", 7, 4),
            Table("ads", "ads", "ads.ads", "distributed", "company_id", 7, 4),
            Table("geo", "ips", "geo.ips", "local", None, 0, 0, local_bytes=MIB),
        ),
        placements,
    )


def colocated(shards: int, over: int, size: int | None = MIB) -> list[Placement]:
    """Place the shards of both tables of ``ads``."""
    return [
        Placement(first + i, table, 7, i, 1 + i % over, size)
        for first, table in ((100, "ads.companies"), (200, "ads.ads"))
        for i in range(shards)
    ]
