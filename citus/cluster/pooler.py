"""What clients log in to in the coordinator's place.

Pooler
└── the platform's pooler     Pgpool-II in front of the coordinator
"""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from citus.database.owned_schema import OwnedSchema
from citus.platforms import Platform
from citus.settings import Settings


class Pooler(pulumi.ComponentResource):
    """A pooler for the roles of schemas; what this program tracks never goes through it."""

    url: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        *,
        platform: Platform,
        schemas: Mapping[str, OwnedSchema],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("citus:cluster:Pooler", name, {}, opts)
        roles = [schema.role for schema in schemas.values()]
        self.service = platform.pooler(
            name,
            logins=[schema.endpoint for schema in schemas.values()],
            opts=pulumi.ResourceOptions(parent=self, depends_on=roles),
        )
        self.url = pulumi.Output.from_input(self.service.url)
        self.register_outputs({"url": self.url})

    @classmethod
    def if_declared(
        cls,
        name: str,
        settings: Settings,
        *,
        platform: Platform,
        schemas: Mapping[str, OwnedSchema],
    ) -> Pooler | None:
        """Make it where the settings ask for one; the services that are made later use it."""
        return cls(name, platform=platform, schemas=schemas) if settings.containers.pooler else None
