"""`citus:schemas`: what a stack's schemas are, beyond their names.

A schema is declared by the service that owns it, by a table that is in it, or here by its name
alone. It belongs to the role of its own name, and its tables come from the folder ``sql/<name>/``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from citus.config.entry import Entry
from citus.config.line import shown
from citus.config.postgres_name import why_no_schema
from citus.config.services import schema_of
from citus.config.table_settings import TableName, TableSettings
from citus.config.tables import ON_DELETE

HOW = ("function", "setting")
_ENTRIES = ("distributed", "how", "node", "connectionLimit", "onDelete")
_MOST_CONNECTIONS = 2**31 - 1  # a role's limit is PostgreSQL's integer
_WHY = "a schema that holds distributed or reference tables can't be distributed"


@dataclass(frozen=True)
class SchemaSettings:
    """One schema and the role that owns it.

    Attributes:
        name: Its name, its owner's and its folder's in sql/.
        distributed: Whether Citus keeps all its tables together on one worker.
        how: By ``citus_schema_distribute`` (function), or made while
            ``citus.enable_schema_based_sharding`` is on (setting).
        node: The worker that it is on; empty for Citus' own choice.
        connection_limit: How many connections its role may have; -1 for no limit.
        on_delete: What becomes of it when it is no longer declared: retain, undistribute, drop.
        baseline: The last file of its folder that is taken for applied.
    """

    name: str
    distributed: bool = True
    how: str = "function"
    node: str = ""
    connection_limit: int = -1
    on_delete: str = "retain"
    baseline: str = ""


def read_schemas(
    declared: Entry,
    services: Sequence[str],
    tables: Sequence[TableSettings],
    workers: Sequence[str],
) -> tuple[SchemaSettings, ...]:
    """Read all schemas: the services' in their order, then the others by name."""
    entries = declared.entries(mend=declared.to_remove())
    for name, entry in entries.items():
        if why := why_no_schema(name):
            raise entry.error(f"is named {shown(name)}, which {why}", entry.to_remove())
    owned = [schema_of(service) for service in services]
    holding = {table.schema: table.name for table in reversed(tables)}
    others = sorted({*entries, *holding} - {*owned})
    return tuple(
        _schema(
            entries.get(name) or declared.child(name),
            name,
            holds=holding.get(name),
            owned=name in owned,
            workers=workers,
        )
        for name in (*owned, *others)
    )


def _schema(
    entry: Entry, name: str, *, holds: TableName | None, owned: bool, workers: Sequence[str]
) -> SchemaSettings:
    # `ads:` with nothing behind it declares a schema with the defaults.
    given = {} if entry.value is None else entry.entries_of(_ENTRIES, "entry of a schema")
    defaults = entry.defaults(how="function", node="", connectionLimit=-1, onDelete="retain")
    fields = {**defaults, **given}
    distributed = _distributed(entry, given.get("distributed"), holds, owned=owned)
    return SchemaSettings(
        name=name,
        distributed=distributed,
        how=fields["how"].choice(HOW),
        node=_node(fields["node"], workers, distributed=distributed),
        connection_limit=fields["connectionLimit"].number(
            at_least=-1, at_most=_MOST_CONNECTIONS, example=100
        ),
        on_delete=fields["onDelete"].choice(ON_DELETE),
    )


def _distributed(
    schema: Entry, said: Entry | None, holds: TableName | None, *, owned: bool
) -> bool:
    distributed = said.flag() if said else owned or holds is None
    if distributed and holds:
        mend = schema.child("distributed").to_set(example=False)
        table = shown(str(holds))
        if said:
            raise said.refused(f"can't be beside {table} in citus:tables: {_WHY}", mend)
        sentence = f"is a service's, so distributed, but {table} is in citus:tables: {_WHY}"
        raise schema.error(sentence, mend)
    return distributed


def _node(entry: Entry, workers: Sequence[str], *, distributed: bool) -> str:
    node = entry.text(entry.to_set(workers[0]))
    if node and node not in workers:
        why = f"is no worker of this stack: they are {workers[0]} to {workers[-1]}"
        raise entry.refused(why, entry.to_set(workers[0]))
    if node and not distributed:
        why = "is for a distributed schema only, and this one is not"
        raise entry.refused(why, entry.to_remove())
    return node
