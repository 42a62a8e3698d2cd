"""The nodes that hold the shards.

WorkerPool
├── the platform's PostgreSQL server     worker-0, group 1
└── …                                    worker-i, group i + 1
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi

from citus.endpoint import worker_index
from citus.platforms import Platform


class WorkerPool(pulumi.ComponentResource):
    """The workers, each with a name and a group that it keeps for life."""

    def __init__(
        self,
        name: str,
        *,
        platform: Platform,
        names: Sequence[str],
        conf: Mapping[str, str],
        password: pulumi.Output[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("citus:cluster:WorkerPool", name, {}, opts)
        self.nodes = [
            platform.postgres_node(
                platform.node(name, groupid=worker_index(name) + 1),
                settings=conf,
                password=password,
                opts=pulumi.ResourceOptions(parent=self),
            )
            for name in names
        ]
        self.register_outputs({})
