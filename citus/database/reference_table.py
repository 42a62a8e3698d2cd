"""A table that every node has a copy of: ``create_reference_table``."""

from __future__ import annotations

import pulumi

from citus.database.table import REFERENCE, TableSpec
from citus.database.table_provider import TableProvider
from citus.database.tracked import RETAIN
from citus.database.tracked_resource import TrackedResource, was
from citus.endpoint import Endpoint


class ReferenceTableProvider(TableProvider):
    """Makes the copies; from and to a distributed table it goes by way of the coordinator."""


class ReferenceTable(TrackedResource, module="citus", name="ReferenceTable"):
    """A reference table; `colocation_id` is Citus' (all of them share one)."""

    colocation_id: pulumi.Output[int]

    def __init__(
        self,
        resource_name: str,
        *,
        endpoint: Endpoint,
        schema: str,
        name: str,
        on_delete: str = RETAIN,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        spec = TableSpec(endpoint, schema, name, distribution=REFERENCE, on_delete=on_delete)
        options = pulumi.ResourceOptions.merge(was("DistributedTable"), opts)
        super().__init__(
            ReferenceTableProvider(), resource_name, spec, options, outputs=["colocation_id"]
        )
