"""The tables that a stack declares, each after the one before it.

Tables
├── ReferenceTable      ads.geo_ips
├── DistributedTable    ads.companies
├── …
└── Rebalance           where the stack declares it, after all that it may move
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi

from citus.config.rebalance import RebalanceSettings
from citus.config.table_settings import TableSettings
from citus.database.distributed import DistributedDatabase
from citus.database.distributed_table import DistributedTable
from citus.database.owned_schema import OwnedSchema
from citus.database.rebalance import Rebalance
from citus.database.reference_table import ReferenceTable
from citus.database.table import DEFAULT, NONE, qualified
from citus.database.tracked_resource import TrackedResource
from citus.settings import Settings


class Tables(pulumi.ComponentResource):
    """Distributes tables in their order, so that a foreign key finds what it refers to."""

    def __init__(
        self,
        name: str,
        *,
        settings: Settings,
        schemas: Mapping[str, OwnedSchema],
        database: DistributedDatabase,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("citus:database:Tables", name, {}, opts)
        self._database = database
        self._followers = _followers(settings.tables)
        self.tracked: list[TrackedResource] = []
        for table in settings.tables:
            before = [schemas[table.schema].migrations, *self.tracked[-1:]]
            self.tracked.append(self._resource(table, before))
        if settings.rebalance:
            last = [*(schema.migrations for schema in schemas.values()), *self.tracked[-1:]]
            self.tracked.append(self._rebalance(settings, settings.rebalance, last))
        self.register_outputs({})

    def _rebalance(
        self, settings: Settings, how: RebalanceSettings, before: Sequence[pulumi.Resource]
    ) -> Rebalance:
        return Rebalance(
            "rebalance",
            endpoint=self._database.endpoint,
            workers=self._database.nodes[1:],
            strategy=how.strategy,
            threshold=how.threshold,
            timeout_minutes=how.timeout_minutes,
            shard_transfer_mode=settings.shard_transfer_mode,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[self._database.membership, *before],
                deleted_with=self._database.server,
            ),
        )

    def _resource(
        self, table: TableSettings, before: Sequence[pulumi.Resource]
    ) -> DistributedTable | ReferenceTable:
        name = f"{table.schema}.{table.table}"
        opts = pulumi.ResourceOptions(
            parent=self, depends_on=before, deleted_with=self._database.server
        )
        if table.reference:
            return ReferenceTable(
                name,
                endpoint=self._database.endpoint,
                schema=table.schema,
                name=table.table,
                on_delete=table.on_delete,
                opts=opts,
            )
        return DistributedTable(
            name,
            endpoint=self._database.endpoint,
            schema=table.schema,
            name=table.table,
            distribution_column=table.distribution_column,
            shard_count=table.shard_count,
            colocate_with=_colocation(table),
            concurrently=table.concurrently,
            on_delete=table.on_delete,
            followers=self._followers.get(_regclass(table), []),
            opts=opts,
        )


def _regclass(table: TableSettings) -> str:
    return qualified(table.schema, table.table)


def _colocation(table: TableSettings) -> str:
    other = table.colocate_with
    return other if isinstance(other, str) else qualified(other.schema, other.table)


def _followers(declared: Sequence[TableSettings]) -> dict[str, list[str]]:
    """Give, for each table that others are colocated with, those and what is beside those."""
    head: dict[str, str] = {}
    followers: dict[str, list[str]] = {}
    for table in declared:
        name, other = _regclass(table), _colocation(table)
        head[name] = name if other in (DEFAULT, NONE) else head[other]
        if head[name] != name:
            followers.setdefault(head[name], []).append(name)
    return followers
