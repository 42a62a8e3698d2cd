"""`colocateWith` of a table in `citus:tables`: the earlier table that its shards lie beside."""

from __future__ import annotations

from collections.abc import Sequence

from citus.config.entry import Entry, nearest
from citus.config.table_settings import TableName, TableSettings
from citus.errors import ConfigError

_WORDS = ("default", "none")


def read_colocation(
    entry: Entry | None,
    table: TableSettings,
    earlier: Sequence[TableSettings],
    names: Sequence[TableName],
) -> str | TableName:
    """Read ``default``, ``none``, or one of *earlier*: ``table`` or ``schema.table``.

    Args:
        entry: What the table says, if it says anything.
        table: The table itself.
        earlier: The tables before it in the list.
        names: All names in the list.
    """
    if entry is None:
        return "default"
    text = entry.text(entry.to_set("default"))
    if text in _WORDS:
        return text
    target = _find(text, table.schema, names)
    if target is None:
        raise _unknown(entry, text, table, earlier)
    if why := _why_not(target, table, earlier):
        raise entry.refused(why, entry.to_remove())
    return target


def _find(text: str, schema: str, names: Sequence[TableName]) -> TableName | None:
    """Look in the table's own schema first, then for the full name."""
    if (own := TableName(schema, text)) in names:
        return own
    return next((name for name in names if str(name) == text), None)


def _unknown(
    entry: Entry, text: str, table: TableSettings, earlier: Sequence[TableSettings]
) -> ConfigError:
    fits = [str(other.name) for other in earlier if _why_not(other.name, table, earlier) is None]
    meant = nearest(text, [*_WORDS, *fits]) or nearest(f"{table.schema}.{text}", fits)
    mend = entry.to_set(meant) if meant else entry.to_remove()
    return entry.refused("is no table of citus:tables, nor default, nor none", mend)


def _why_not(
    target: TableName, table: TableSettings, earlier: Sequence[TableSettings]
) -> str | None:
    if target == table.name:
        return "is the table itself"
    other = next((one for one in earlier if one.name == target), None)
    if other is None:
        return "comes later in citus:tables"
    if other.reference:
        return "is a reference table, whole on every node"
    if other.single_shard and not table.single_shard:
        return "is a single-shard table, which this one is not"
    if table.single_shard and not other.single_shard:
        return "has a distribution column, which this one has not"
    return None
