"""A schema that one worker holds: schema-based sharding.

    CREATE SCHEMA user_service AUTHORIZATION user_service;
    SELECT citus_schema_distribute('user_service');

Or, with ``how: setting``, the first of them alone under ``citus.enable_schema_based_sharding``.
A role of the same name finds the schema by its ``search_path``, so that an application needs no
change. Undistributing and moving keep all rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pulumi

from citus.database.executor import Database
from citus.database.provider import PlannedProvider
from citus.database.statement import Identifier, Statement, identifier
from citus.database.table_rows import in_schema
from citus.database.tracked import DROP, RETAIN, UNDISTRIBUTE, Observed
from citus.database.tracked_resource import TrackedResource
from citus.endpoint import Endpoint, Node
from citus.errors import Refused

FUNCTION = "function"
SETTING = "setting"
_AS_LONG_AS_IT_TAKES = {"statement_timeout": "0"}


@dataclass(frozen=True)
class SchemaSpec:
    """A schema, its owner, and whether it is in ``pg_dist_schema``.

    ``how`` says by what it is distributed when it is made. ``node`` is the address of the
    worker that is to hold it; empty where Citus chooses.
    """

    endpoint: Endpoint
    name: str
    owner: str
    distributed: bool
    how: str = FUNCTION
    node: str = ""
    on_delete: str = RETAIN

    @property
    def title(self) -> str:
        """Name it in a sentence."""
        return f"schema {self.name}"


class SchemaProvider(PlannedProvider[SchemaSpec]):
    """Makes the schema, gives it to its owner, distributes it, and moves it to its node."""

    spec = SchemaSpec
    policies = (RETAIN, UNDISTRIBUTE, DROP)

    def plan(self, old: SchemaSpec | None, new: SchemaSpec | None) -> list[Statement]:
        """Create, name, owner, distributed or not, node: each only where it differs."""
        if new is None:
            return [] if old is None else list(_removed(old))
        if new.how not in (FUNCTION, SETTING):
            raise Refused(f"{new.title}: how is {new.how}, neither {FUNCTION} nor {SETTING}")
        if new.node and not new.distributed:
            raise Refused(f"{new.title} has a node, {new.node}, but is not distributed")
        return [*_made(old, new), *_distributed(old, new), *_placed(old, new)]

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
        spec = replace(wanted, owner=owner, distributed=distributed, node=placed)
        return Observed(spec, {"colocation_id": colocation_id or 0})

    def at_stake(self, database: Database, observed: SchemaSpec) -> list[str]:
        """Count the rows of its tables."""
        return in_schema(database, observed.name)


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
            on_delete=on_delete,
        )
        super().__init__(SchemaProvider(), resource_name, spec, opts, outputs=["colocation_id"])

    @property
    def summary(self) -> pulumi.Output[dict[str, object]]:
        """Its name, owner and colocation id, as the stack's output shows them."""
        return pulumi.Output.all(name=self.name, owner=self.owner, colocationId=self.colocation_id)


def _made(old: SchemaSpec | None, new: SchemaSpec) -> Iterator[Statement]:
    names = {"schema": Identifier(new.name), "owner": Identifier(new.owner)}
    if old is None:
        sql = "CREATE SCHEMA {schema} AUTHORIZATION {owner}"
        if new.distributed and new.how == SETTING:
            why = "citus.enable_schema_based_sharding is on: it is distributed at once"
            on = {"citus.enable_schema_based_sharding": "on"}
            yield Statement(sql, names, why, settings=on)
        else:
            yield Statement(sql, names, "its owner's own")
        return
    if old.name != new.name:
        rename = {"old": Identifier(old.name), "new": Identifier(new.name)}
        yield Statement("ALTER SCHEMA {old} RENAME TO {new}", rename, "with all that is in it")
    if old.owner != new.owner:
        yield Statement("ALTER SCHEMA {schema} OWNER TO {owner}", names, f"it was {old.owner}'s")


def _distributed(old: SchemaSpec | None, new: SchemaSpec) -> Iterator[Statement]:
    distributed = old.distributed if old else new.how == SETTING
    if new.distributed and not distributed:
        sql, why = "SELECT citus_schema_distribute({schema})", "its tables move to one worker"
        yield Statement(sql, _regnamespace(new), why, settings=_AS_LONG_AS_IT_TAKES)
    elif old and distributed and not new.distributed:
        yield _undistribute(new)


def _placed(old: SchemaSpec | None, new: SchemaSpec) -> Iterator[Statement]:
    if not new.node or (old and old.distributed and old.node == new.node):
        return
    if old is None or not old.distributed:
        yield Statement(
            "",
            why=f"{new.name} can't be moved to {new.node} before it is distributed and has a "
            "table: the next `make up` after that moves it",
        )
        return
    host, _, port = new.node.rpartition(":")
    yield Statement(
        "SELECT citus_schema_move({schema}, {host}, {port})",
        {**_regnamespace(new), "host": host, "port": int(port)},
        "its tables move there; while it is empty there is nothing to move",
        settings=_AS_LONG_AS_IT_TAKES,
    )


def _removed(old: SchemaSpec) -> Iterator[Statement]:
    if old.on_delete == UNDISTRIBUTE and old.distributed:
        yield _undistribute(old)
    elif old.on_delete == DROP:
        yield Statement(
            "DROP SCHEMA {schema} CASCADE",
            {"schema": Identifier(old.name)},
            f"schema {old.name} goes, with every table in it",
            destroys_data=True,
            settings=_AS_LONG_AS_IT_TAKES,
        )


def _undistribute(spec: SchemaSpec) -> Statement:
    sql = "SELECT citus_schema_undistribute({schema})"
    why = "its tables move back to the coordinator"
    return Statement(sql, _regnamespace(spec), why, settings=_AS_LONG_AS_IT_TAKES)


def _regnamespace(spec: SchemaSpec) -> dict[str, str]:
    # Citus takes a regnamespace: a name in a text, quoted where PostgreSQL needs it.
    return {"schema": identifier(spec.name)}
