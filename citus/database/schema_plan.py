"""What a change of a schema runs.

    CREATE SCHEMA user_service AUTHORIZATION user_service;
    SELECT citus_schema_distribute('user_service');

Or, with ``how: setting``, the first of them alone under ``citus.enable_schema_based_sharding``.
Undistributing makes the tables anew: all rows stay, and what else a rewrite loses is named.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from citus.database import losses
from citus.database.moves import AUTO
from citus.database.session import AS_LONG_AS_IT_TAKES
from citus.database.statement import Identifier, Statement, identifier
from citus.database.tracked import DROP, RETAIN, UNDISTRIBUTE
from citus.endpoint import Endpoint
from citus.errors import Refused

FUNCTION = "function"
SETTING = "setting"


@dataclass(frozen=True)
class SchemaSpec:
    """A schema, its owner, and whether it is in ``pg_dist_schema``.

    ``how`` says by what it is distributed when it is made. ``node`` is the address of the
    worker that is to hold it; empty where Citus chooses. ``shard_transfer_mode`` is how it moves
    there. Observed are what a rewrite of its tables
    loses, and what of other schemas goes when it is dropped.
    """

    endpoint: Endpoint
    name: str
    owner: str
    distributed: bool
    how: str = FUNCTION
    node: str = ""
    shard_transfer_mode: str = AUTO
    on_delete: str = RETAIN
    undistribute_loses: tuple[str, ...] = field(default=(), compare=False)
    drop_takes: tuple[str, ...] = field(default=(), compare=False)

    @property
    def title(self) -> str:
        """Name it in a sentence."""
        return f"schema {self.name}"


def plan(old: SchemaSpec | None, new: SchemaSpec | None) -> list[Statement]:
    """Create, owner, distributed or not, node, name: each only where it differs."""
    if new is None:
        return [] if old is None else list(_removed(old))
    if new.how not in (FUNCTION, SETTING):
        raise Refused(f"{new.title}: how is {new.how}, neither {FUNCTION} nor {SETTING}")
    if new.node and not new.distributed:
        raise Refused(f"{new.title} has a node, {new.node}, but is not distributed")
    if old and old.name != new.name:
        # The name last: what is cut off before is found by the old one.
        return [*plan(old, replace(new, name=old.name)), _renamed(old, new)]
    return [*_made(old, new), *_distributed(old, new), *_placed(old, new)]


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
    if old.owner != new.owner:
        yield Statement("ALTER SCHEMA {schema} OWNER TO {owner}", names, f"it was {old.owner}'s")


def _renamed(old: SchemaSpec, new: SchemaSpec) -> Statement:
    names = {"old": Identifier(old.name), "new": Identifier(new.name)}
    return Statement("ALTER SCHEMA {old} RENAME TO {new}", names, "with all that is in it")


def _distributed(old: SchemaSpec | None, new: SchemaSpec) -> Iterator[Statement]:
    distributed = old.distributed if old else new.how == SETTING
    if new.distributed and not distributed:
        sql, why = "SELECT citus_schema_distribute({schema})", "its tables move to one worker"
        yield Statement(sql, _regnamespace(new), why, settings=AS_LONG_AS_IT_TAKES)
    elif old and distributed and not new.distributed:
        yield _undistribute(old, new)


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
    mode = new.shard_transfer_mode
    how = "" if mode == AUTO else ", {mode}"
    yield Statement(
        f"SELECT citus_schema_move({{schema}}, {{host}}, {{port}}{how})",
        {**_regnamespace(new), "host": host, "port": int(port), **({"mode": mode} if how else {})},
        "its tables move there; while it is empty there is nothing to move",
        settings=AS_LONG_AS_IT_TAKES,
    )


def _removed(old: SchemaSpec) -> Iterator[Statement]:
    if old.on_delete == UNDISTRIBUTE and old.distributed:
        yield _undistribute(old, old)
    elif old.on_delete == DROP:
        yield Statement(
            "DROP SCHEMA {schema} CASCADE",
            {"schema": Identifier(old.name)},
            f"schema {old.name} goes, with every table in it"
            + "".join(f", and {other}" for other in old.drop_takes),
            destroys_data=True,
            settings=AS_LONG_AS_IT_TAKES,
        )


def _undistribute(old: SchemaSpec, new: SchemaSpec) -> Statement:
    return Statement(
        "SELECT citus_schema_undistribute({schema})",
        _regnamespace(new),
        f"its tables move back to the coordinator{losses.told(old.undistribute_loses)}",
        destroys_data=bool(old.undistribute_loses),
        settings=AS_LONG_AS_IT_TAKES,
    )


def _regnamespace(spec: SchemaSpec) -> dict[str, str]:
    # Citus takes a regnamespace: a name in a text, quoted where PostgreSQL needs it.
    return {"schema": identifier(spec.name)}
