"""The database over a cluster's nodes.

DistributedDatabase
├── Extension      citus, at a recorded version
└── Membership     pg_dist_node as declared
"""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from citus.database.extension import Extension
from citus.database.membership import Membership
from citus.endpoint import Endpoint, Node
from citus.settings import Settings


class DistributedDatabase(pulumi.ComponentResource):
    """The nodes joined to one database; roles and schemas come on top of it."""

    def __init__(
        self,
        name: str,
        *,
        endpoint: Endpoint,
        nodes: Sequence[Node],
        servers: Sequence[pulumi.Resource],
        settings: Settings,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("citus:database:DistributedDatabase", name, {}, opts)
        coordinator, *workers = nodes
        self.endpoint = endpoint
        self.nodes = nodes
        self.server = servers[0]
        self.shard_transfer_mode = settings.shard_transfer_mode
        self.extension = Extension(
            "citus",
            endpoint=endpoint,
            version=settings.citus_version or None,
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[servers[0]], deleted_with=self.server
            ),
        )
        self.membership = Membership(
            "membership",
            endpoint=endpoint,
            coordinator=coordinator,
            workers=workers,
            shard_transfer_mode=settings.shard_transfer_mode,
            lost=settings.lost_workers,
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[self.extension, *servers], deleted_with=self.server
            ),
        )
        self.register_outputs({})
