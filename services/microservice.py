"""A microservice on the storage that it owns.

Microservice
└── the platform's service     services/<name>/, logged in as the role of its schema
"""

from __future__ import annotations

from pathlib import Path

import pulumi

from citus.database.owned_schema import OwnedSchema
from citus.platforms import Platform


class Microservice(pulumi.ComponentResource):
    """One service folder; `url` is where it answers."""

    url: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        *,
        index: int,
        platform: Platform,
        storage: OwnedSchema,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("citus:services:Microservice", name, {}, opts)
        self.name = name
        self.service = platform.service(
            name,
            folder=Path("services", name),
            index=index,
            database=storage.endpoint,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[storage.migrations]),
        )
        self.url = pulumi.Output.from_input(self.service.url)
        self.register_outputs({"url": self.url})
