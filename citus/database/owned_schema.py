"""A schema with all that belongs to it.

OwnedSchema
├── Password        the role's
├── Role            logs in, and reads nothing that isn't its own
├── Schema          of the role's name, distributed or not
└── Migrations      sql/<schema>/
"""

from __future__ import annotations

from pathlib import Path

import pulumi

from citus.config.schemas import SchemaSettings
from citus.database.distributed import DistributedDatabase
from citus.database.migrations import Migrations
from citus.database.password import Password
from citus.database.role import Role
from citus.database.schema import Schema
from citus.database.tracked import DROP, RETAIN
from citus.database.tracked_resource import TrackedResource


class OwnedSchema(pulumi.ComponentResource):
    """A schema, the role that owns it, and its tables; `endpoint` is the role's login."""

    def __init__(
        self,
        settings: SchemaSettings,
        *,
        database: DistributedDatabase,
        password: pulumi.Input[str | None],
        password_file: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("citus:database:OwnedSchema", settings.name, {}, opts)
        self.name = settings.name
        self._database = database
        self.password = Password(
            self.name,
            role=self.name,
            file=password_file,
            value=password,
            # Not gone with the server, as what is in it: its file is on this machine.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[database.server]),
        )
        self.endpoint = database.endpoint.as_user(self.name, self.password.result)
        self.role = Role(
            self.name,
            endpoint=database.endpoint,
            name=self.name,
            password=self.password.result,
            nodes=database.nodes,
            connection_limit=settings.connection_limit,
            on_delete=DROP if settings.on_delete == DROP else RETAIN,
            opts=self._after(database.membership),
        )
        self.schema, self.migrations = self._tables(settings)
        self.tracked: list[TrackedResource] = [self.schema, self.migrations]
        self.register_outputs({})

    def _tables(self, settings: SchemaSettings) -> tuple[Schema, Migrations]:
        endpoint, nodes = self._database.endpoint, self._database.nodes
        schema = Schema(
            self.name,
            endpoint=endpoint,
            name=self.name,
            owner=self.name,
            distributed=settings.distributed,
            how=settings.how,
            node=next((node for node in nodes if node.name == settings.node), None),
            shard_transfer_mode=self._database.shard_transfer_mode,
            on_delete=settings.on_delete,
            opts=self._after(self.role),
        )
        migrations = Migrations(
            self.name,
            endpoint=endpoint,
            schema=self.name,
            owner=self.name,
            folder=Path("sql", self.name),
            baseline=settings.baseline,
            opts=self._after(schema),
        )
        return schema, migrations

    def _after(self, resource: pulumi.Resource) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(
            parent=self, depends_on=[resource], deleted_with=self._database.server
        )
