"""Citus' update map: what a change of a table runs, and what it loses.

    SELECT create_distributed_table('ads.companies', 'id', shard_count := 32);
    SELECT alter_distributed_table('ads.companies', shard_count := 64,
                                   cascade_to_colocated := true);

Some changes are made in place, others rewrite the table. A rewrite keeps the table's rows; where
it would lose something else (a comment, a column of another table that has its row type), it
counts as one that destroys data, and needs the user's permit.
"""

from __future__ import annotations

from collections.abc import Iterator

from citus.database import losses
from citus.database.session import AS_LONG_AS_IT_TAKES
from citus.database.statement import Identifier, Statement, Value
from citus.database.table import DEFAULT, HASH, NONE, REFERENCE, TableSpec
from citus.database.tracked import DROP, UNDISTRIBUTE
from citus.errors import Refused


def plan(old: TableSpec | None, new: TableSpec | None) -> list[Statement]:
    """Give what turns *old* into *new*; each statement stands alone."""
    if new is None:
        return [] if old is None else list(_removed(old))
    if new.distribution == HASH and not new.distribution_column:
        raise Refused(f"{new.title} is to be distributed, but by no column")
    if old is None:
        return [_create(new)]
    if (old.schema, old.name) != (new.schema, new.name):
        raise Refused(f"{old.title} can't become {new.title}: declare that beside it")
    if old.distribution != new.distribution:
        return list(_converted(old, new))
    return list(_altered(old, new))


def _create(new: TableSpec, *, transaction: str | None = None) -> Statement:
    values: dict[str, Value] = {"table": new.regclass}
    if new.distribution == REFERENCE:
        sql, why = "SELECT create_reference_table({table})", "a copy on every node"
    else:
        in_steps = new.concurrently and transaction is None
        function = f"create_distributed_table{'_concurrently' if in_steps else ''}"
        sql, why = f"SELECT {function}({{table}}, NULL", "one shard on one worker"
        if new.distribution == HASH:
            values["column"] = new.distribution_column
            sql, why = f"SELECT {function}({{table}}, {{column}}", "its rows move to the workers"
        for argument, value in _arguments(new).items():
            values[argument] = value
            sql += f", {argument} := {{{argument}}}"
        sql += ")"
    return Statement(sql, values, why, transaction=transaction, settings=_settings(transaction))


def _arguments(new: TableSpec) -> dict[str, Value]:
    given: dict[str, Value] = {}
    if new.shard_count is not None:
        given["shard_count"] = new.shard_count
    if new.colocate_with != DEFAULT:
        given["colocate_with"] = new.colocate_with
    return given


def _converted(old: TableSpec, new: TableSpec) -> Iterator[Statement]:
    # One transaction: between the two the rows would be on the coordinator alone.
    label = f"{new.title} becomes {new.distribution}"
    yield _undistribute(old, transaction=label)
    yield _create(new, transaction=label)


def _altered(old: TableSpec, new: TableSpec) -> Iterator[Statement]:
    joins = new.colocate_with not in (old.colocate_with, DEFAULT, NONE)
    if joins and old.fits is False and new.distribution != HASH:
        raise Refused(
            f"{new.title} can't be colocated with {new.colocate_with}: its one shard is on another "
            "worker, and Citus moves it by hand only (citus_move_shard_placement)"
        )
    parts = new.colocate_with == NONE and old.colocate_with != NONE
    if parts:
        yield from _parted(old, new)
    if new.distribution_column != old.distribution_column:
        yield _alter(old, new, "distribution_column", new.distribution_column)
    if new.shard_count is not None and new.shard_count != old.shard_count:
        if not parts:
            _refuse_strangers(old, new)
        yield from _counted(old, new)
    if joins and old.fits is not False:
        why = "where the shards of both lie alike: nothing is moved"
        yield _update_colocation(new.regclass, new.colocate_with, why)
    if joins and old.fits is not True and new.distribution == HASH:
        yield _alter(old, new, "colocate_with", new.colocate_with)


def _refuse_strangers(old: TableSpec, new: TableSpec) -> None:
    strangers = [table for table in old.beside if table not in new.followers]
    if strangers:
        # To change one alone would break joins and foreign keys between them.
        raise Refused(
            f"{new.title} shares its shards with {', '.join(strangers)} by Citus' choice: declare "
            "colocateWith there first, this table to change both, or none to part them"
        )


def _counted(old: TableSpec, new: TableSpec) -> Iterator[Statement]:
    yield _alter(old, new, "shard_count", new.shard_count or 0)
    if new.colocate_with == NONE and new.followers:
        yield from _parted(old, new)


def _alter(old: TableSpec, new: TableSpec, argument: str, value: Value) -> Statement:
    values: dict[str, Value] = {"table": new.regclass, "value": value}
    sql = f"SELECT alter_distributed_table({{table}}, {argument} := {{value}})"
    whose, it, loses = "the table", "it", (*old.rewrite_loses, *old.foreign_keys)
    if argument == "shard_count" and new.followers:
        # With the tables colocated with it: joins between them need equal shards.
        sql = sql[:-1] + ", cascade_to_colocated := true)"
        whose, it = "the table and those colocated with it", "them"
        loses = old.rewrite_loses
    elif argument == "shard_count" and new.colocate_with == NONE:
        # Citus would colocate it with any table that has as many shards.
        sql = sql[:-1] + f", colocate_with := '{NONE}')"
    why = f"rewrites {whose}, blocking {it} meanwhile; needs the room for a copy"
    if argument == "colocate_with":
        why = f"where they don't: {why}"
    return Statement(
        sql,
        values,
        f"{why}{losses.told(loses)}",
        destroys_data=bool(loses),
        settings=AS_LONG_AS_IT_TAKES,
    )


def _parted(old: TableSpec, new: TableSpec) -> Iterator[Statement]:
    """Take the table and its followers out of a group that others are in, too."""
    why = "no longer colocated; its rows stay where they are"
    yield _update_colocation(new.regclass, NONE, why)
    for follower in new.followers:
        if follower in old.beside:
            yield _update_colocation(follower, new.regclass, "still beside it")


def _update_colocation(table: str, other: str, why: str) -> Statement:
    sql = "SELECT update_distributed_table_colocation({table}, {other})"
    return Statement(sql, {"table": table, "other": other}, why)


def _removed(old: TableSpec) -> Iterator[Statement]:
    if old.on_delete == UNDISTRIBUTE:
        # Without those that foreign keys tie to it: Citus refuses it then, and says how.
        yield _undistribute(old)
    elif old.on_delete == DROP:
        yield Statement(
            "DROP TABLE {schema}.{table}",
            {"schema": Identifier(old.schema), "table": Identifier(old.name)},
            f"{old.title} goes, with every row",
            destroys_data=True,
        )


def _undistribute(old: TableSpec, *, transaction: str | None = None) -> Statement:
    loses = (*old.rewrite_loses, *old.foreign_keys)
    return Statement(
        "SELECT undistribute_table({table})",
        {"table": old.regclass},
        f"its rows move to the coordinator{losses.told(loses)}",
        destroys_data=bool(loses),
        transaction=transaction,
        settings=_settings(transaction),
    )


def _settings(transaction: str | None) -> dict[str, str]:
    # Citus refuses DDL after it has read a table's shards side by side in the same transaction.
    one_by_one = {"citus.multi_shard_modify_mode": "sequential"} if transaction else {}
    return {**AS_LONG_AS_IT_TAKES, **one_by_one}
