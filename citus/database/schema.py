"""A schema that one worker holds: schema-based sharding.

    CREATE SCHEMA user_service AUTHORIZATION user_service;
    SELECT citus_schema_distribute('user_service');

A role of the same name finds it by its ``search_path``, so that an application needs no
change. Undistributing moves the rows back to the coordinator; none is lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pulumi
from pulumi.dynamic import Resource

from citus.database.executor import Database
from citus.database.provider import Observed, PlannedProvider
from citus.database.statement import Identifier, Statement, identifier
from citus.endpoint import Endpoint
from citus.errors import Refused
from citus.properties import encode


@dataclass(frozen=True)
class SchemaSpec:
    """A schema, its owner, and whether it is in ``pg_dist_schema``."""

    endpoint: Endpoint
    name: str
    owner: str
    distributed: bool

    @property
    def title(self) -> str:
        """Name it in a sentence."""
        return f"schema {self.name}"


class SchemaProvider(PlannedProvider[SchemaSpec]):
    """Makes the schema, gives it to its owner, and distributes it."""

    spec = SchemaSpec

    def plan(self, old: SchemaSpec | None, new: SchemaSpec) -> list[Statement]:
        """Create, owner, distributed or not: in this order, each only where it differs."""
        return list(_plan(old, new))

    def observe(self, database: Database, wanted: SchemaSpec) -> Observed[SchemaSpec] | None:
        """Read ``pg_namespace`` and ``pg_dist_schema``."""
        rows = database.rows(
            "SELECT pg_get_userbyid(n.nspowner), d.colocationid FROM pg_namespace n"
            " LEFT JOIN pg_dist_schema d ON d.schemaid = n.oid WHERE n.nspname = %s",
            wanted.name,
        )
        if not rows:
            return None
        owner, colocation_id = rows[0]
        spec = replace(wanted, owner=owner, distributed=colocation_id is not None)
        return Observed(spec, {"colocation_id": colocation_id or 0})


class Schema(Resource, module="citus", name="Schema"):
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
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = encode(SchemaSpec(endpoint, name, owner, distributed))  # type: ignore[arg-type]
        outputs = {"colocation_id": None}
        super().__init__(SchemaProvider(), resource_name, {**inputs, **outputs}, opts)

    @property
    def summary(self) -> pulumi.Output[dict[str, object]]:
        """Its name, owner and colocation id, as the stack's output shows them."""
        return pulumi.Output.all(name=self.name, owner=self.owner, colocationId=self.colocation_id)


def _plan(old: SchemaSpec | None, new: SchemaSpec) -> Iterator[Statement]:
    names = {"schema": Identifier(new.name), "owner": Identifier(new.owner)}
    if old is None:
        yield Statement("CREATE SCHEMA {schema} AUTHORIZATION {owner}", names, "a service's own")
    elif old.name != new.name:
        raise Refused(f"schema {old.name} can't be renamed to {new.name} yet")
    elif old.owner != new.owner:
        yield Statement("ALTER SCHEMA {schema} OWNER TO {owner}", names, f"it was {old.owner}'s")
    regnamespace = identifier(new.name)
    distributed = old is not None and old.distributed
    if new.distributed and not distributed:
        sql = "SELECT citus_schema_distribute({schema})"
        yield Statement(sql, {"schema": regnamespace}, "its tables move to one worker")
    elif distributed and not new.distributed:
        sql = "SELECT citus_schema_undistribute({schema})"
        yield Statement(sql, {"schema": regnamespace}, "its tables move back to the coordinator")
