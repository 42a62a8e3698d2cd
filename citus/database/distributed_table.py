"""A table whose rows are spread over the workers: ``create_distributed_table``."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from citus.database.table import DEFAULT, HASH, SINGLE_SHARD, TableSpec
from citus.database.table_provider import TableProvider
from citus.database.tracked import RETAIN
from citus.database.tracked_resource import TrackedResource, was
from citus.endpoint import Endpoint


class DistributedTableProvider(TableProvider):
    """Distributes the table, and changes how."""


class DistributedTable(TrackedResource, module="citus", name="DistributedTable"):
    """A distributed table; `colocation_id` is Citus'.

    Without a *distribution_column* it is one shard on one worker. *colocate_with* is
    ``default``, ``none`` or another table as SQL names it: ``ads.companies``; *followers* are
    those that are declared to be colocated with this one, and move with it.
    """

    colocation_id: pulumi.Output[int]

    def __init__(
        self,
        resource_name: str,
        *,
        endpoint: Endpoint,
        schema: str,
        name: str,
        distribution_column: str | None,
        shard_count: int | None = None,
        colocate_with: str = DEFAULT,
        concurrently: bool = False,
        on_delete: str = RETAIN,
        followers: Sequence[str] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        spec = TableSpec(
            endpoint=endpoint,
            schema=schema,
            name=name,
            distribution=SINGLE_SHARD if distribution_column is None else HASH,
            distribution_column=distribution_column or "",
            shard_count=shard_count,
            colocate_with=colocate_with,
            concurrently=concurrently,
            on_delete=on_delete,
            followers=tuple(followers),
        )
        options = pulumi.ResourceOptions.merge(was("ReferenceTable"), opts)
        super().__init__(
            DistributedTableProvider(), resource_name, spec, options, outputs=["colocation_id"]
        )
