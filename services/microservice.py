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
        self.name = name
        self.role_name = f"{name}_service"
        self._database = database
        self.password = Password(
            self.role_name,
            role=self.role_name,
            file=platform.password_file(self.role_name),
            value=password,
            opts=self._after(database.server),
        )
        self.endpoint = database.endpoint.as_user(self.role_name, self.password.result)
        self._own_storage(baseline)
        self.service = platform.service(
            name,
            folder=Path("services", name),
            index=index,
            database=self.endpoint,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.migrations]),
        )
        self.url = pulumi.Output.from_input(self.service.url)
        self.register_outputs({"url": self.url})

    def _own_storage(self, baseline: str) -> None:
        owner, endpoint = self.role_name, self._database.endpoint
        self.role = Role(
            owner,
            endpoint=endpoint,
            name=owner,
            password=self.password.result,
            nodes=self._database.nodes,
            opts=self._after(self._database.membership),
        )
        self.schema = Schema(
            owner,
            endpoint=endpoint,
            name=owner,
            owner=owner,
            opts=self._after(self.role),
        )
        self.migrations = Migrations(
            owner,
            endpoint=endpoint,
            schema=owner,
            owner=owner,
            folder=Path("sql", owner),
            baseline=baseline,
            opts=self._after(self.schema),
        )

    def _after(self, resource: pulumi.Resource) -> pulumi.ResourceOptions:
        # When the server itself goes, no SQL has to run.
        return pulumi.ResourceOptions(
            parent=self, depends_on=[resource], deleted_with=self._database.server
        )
