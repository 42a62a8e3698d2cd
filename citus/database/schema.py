"""A schema that one worker holds: schema-based sharding.

A role of the same name finds the schema by its ``search_path``, so that an application needs no
change.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pulumi

from citus.database import losses, schema_plan, table_rows
from citus.database.moves import AUTO
from citus.database.provider import PlannedProvider
from citus.database.schema_plan import FUNCTION, SchemaSpec
from citus.database.statement import Statement
from citus.database.table import qualified
from citus.database.tracked import DROP, RETAIN, UNDISTRIBUTE, Observed
from citus.database.tracked_resource import TrackedResource
from citus.endpoint import Endpoint, Node
from citus.errors import Refused

if TYPE_CHECKING:
    from citus.database.executor import Database


class SchemaProvider(PlannedProvider[SchemaSpec]):
    """Makes the schema, gives it to its owner, distributes it, and moves it to its node."""

    spec = SchemaSpec
    policies = (RETAIN, UNDISTRIBUTE, DROP)

    def plan(self, old: SchemaSpec | None, new: SchemaSpec | None) -> list[Statement]:
        """Give each step as a statement that stands alone."""
        return schema_plan.plan(old, new)

    def observe(self, database: Database, wanted: SchemaSpec) -> Observed[SchemaSpec] | None:
        """Read ``pg_namespace``, ``pg_dist_schema`` and where the first shard is."""
        rows = database.rows(
            "SELECT pg_get_userbyid(n.nspowner), d.colocationid,"
            " (SELECT nodename || ':' || nodeport FROM pg_dist_partition p"
            "  JOIN pg_dist_shard USING (logicalrelid) JOIN pg_dist_placement USING (shardid)"
            "  JOIN pg_dist_node USING (groupid)"
            "  WHERE p.colocationid = d.colocationid AND noderole = 'primary' LIMIT 1)"
            " FROM pg_namespace n LEFT JOIN pg_dist_schema d ON d.schemaid = n.oid"
            " WHERE n.nspname = %s",
            wanted.name,
        )
        if not rows:
            return None
        owner, colocation_id, node = rows[0]
        # An empty schema is nowhere yet, so it is not in the wrong place.
        placed = (node or wanted.node) if wanted.node else ""
        distributed = colocation_id is not None
        dropped = wanted.on_delete == DROP
        spec = replace(
            wanted,
            owner=owner,
            distributed=distributed,
            node=placed,
            undistribute_loses=_lost_by_rewrite(database, wanted.name) if distributed else (),
            drop_takes=losses.of_drop(database, wanted.name) if dropped else (),
        )
        return Observed(spec, {"colocation_id": colocation_id or 0})

    def require(self, database: Database, old: SchemaSpec | None, new: SchemaSpec) -> None:
        """Refuse a new name that another schema has."""
        if old and old.name != new.name:
            names = "SELECT count(*) FROM pg_namespace WHERE nspname IN (%s, %s)"
            if database.rows(names, old.name, new.name)[0][0] == 2:  # noqa: PLR2004
                raise Refused(f"{old.title} can't be renamed: {new.title} exists already")

    def at_stake(self, database: Database, observed: SchemaSpec) -> list[str]:
        """Count the rows of its tables."""
        return table_rows.in_schema(database, observed.name)


class Schema(TrackedResource, module="citus", name="Schema"):
    """A schema; `colocation_id` is Citus' (0 where it isn't distributed)."""

    name: pulumi.Output[str]
    owner: pulumi.Output[str]
    colocation_id: pulumi.Output[int]

    def __init__(
        self,
        resource_name: str,
        *,
        endpoint: Endpoint,
        name: str,
        owner: pulumi.Input[str],
        distributed: bool = True,
        how: str = FUNCTION,
        node: Node | None = None,
        shard_transfer_mode: str = AUTO,
        on_delete: str = RETAIN,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        spec = SchemaSpec(
            endpoint=endpoint,
            name=name,
            owner=owner,  # type: ignore[arg-type] # may be an output here, text in the provider
            distributed=distributed,
            how=how,
            node=str(node.address) if node else "",
            shard_transfer_mode=shard_transfer_mode,
            on_delete=on_delete,
        )
        super().__init__(SchemaProvider(), resource_name, spec, opts, outputs=["colocation_id"])

    @property
    def summary(self) -> pulumi.Output[dict[str, object]]:
        """Its name, owner and colocation id, as the stack's output shows them."""
        return pulumi.Output.all(name=self.name, owner=self.owner, colocationId=self.colocation_id)


def _lost_by_rewrite(database: Database, schema: str) -> tuple[str, ...]:
    tables = [qualified(schema, name) for name in table_rows.tables(database, schema)]
    return losses.of_rewrite(database, tables)
