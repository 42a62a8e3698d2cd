"""Where the nodes keep their data.

StorageClass
└── the platform's storage     (local: the data root)
"""

from __future__ import annotations

import pulumi

from citus.platforms import Platform


class StorageClass(pulumi.ComponentResource):
    """The storage that every node of the cluster uses."""

    def __init__(
        self, name: str, *, platform: Platform, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("citus:cluster:StorageClass", name, {}, opts)
        self.storage = platform.storage(name, opts=pulumi.ResourceOptions(parent=self))
        self.register_outputs({})
