"""A microservice and the storage that it owns.

Microservice
├── Password        the role's
├── Role            logs in, and reads nothing that isn't its own
├── Schema          of the role's name, distributed
├── Migrations      sql/<schema>/
└── the platform's service     services/<name>/, logged in as the role
"""

from __future__ import annotations

from pathlib import Path

import pulumi

from citus.database.distributed import DistributedDatabase
from citus.database.migrations import Migrations
from citus.database.password import Password
from citus.database.role import Role
from citus.database.schema import Schema
from citus.platforms import Platform


class Microservice(pulumi.ComponentResource):
    """One service folder, its role, schema and tables; `url` is where it answers."""

    url: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        *,
        index: int,
        platform: Platform,
        database: DistributedDatabase,
        password: pulumi.Input[str | None] = None,
        baseline: str = "",
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("citus:services:Microservice", name, {}, opts)
        self._database = database
        self.name = name
        self.role_name = owner = f"{name}_service"
        self.password = Password(
            owner,
            role=owner,
            file=platform.password_file(owner),
            value=password,
            opts=self._after(database.server),
        )
        secret = self.password.result
        self.role = Role(
            owner,
            endpoint=database.endpoint,
            name=owner,
            password=secret,
            nodes=database.nodes,
            opts=self._after(database.membership),
        )
        self.schema = Schema(
            owner,
            endpoint=database.endpoint,
            name=owner,
            owner=owner,
            opts=self._after(self.role),
        )
        self.migrations = Migrations(
            owner,
            endpoint=database.endpoint,
            schema=owner,
            owner=owner,
            folder=Path("sql", owner),
            baseline=baseline,
            opts=self._after(self.schema),
        )
        self.endpoint = database.endpoint.as_user(owner, secret)
        self.service = platform.service(
            name,
            folder=Path("services", name),
            index=index,
            database=self.endpoint,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.migrations]),
        )
        self.url = pulumi.Output.from_input(self.service.url)
        self.register_outputs({"url": self.url})

    def _after(self, resource: pulumi.Resource) -> pulumi.ResourceOptions:
        # When the server itself goes, no SQL has to run.
        return pulumi.ResourceOptions(
            parent=self, depends_on=[resource], deleted_with=self._database.server
        )
