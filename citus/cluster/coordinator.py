"""The node that clients and plans talk to.

Coordinator
└── the platform's PostgreSQL server     group 0
"""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from citus.platforms import Platform


class Coordinator(pulumi.ComponentResource):
    """The coordinator; `address` is how members and services reach it."""

    address: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        *,
        platform: Platform,
        conf: Mapping[str, str],
        password: pulumi.Output[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("citus:cluster:Coordinator", name, {}, opts)
        self.node = platform.postgres_node(
            platform.node(name, groupid=0),
            settings=conf,
            password=password,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.address = pulumi.Output.from_input(str(self.node.node.address))
        self.register_outputs({"address": self.address})
