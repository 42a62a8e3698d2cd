"""`citus:tables`: the user's own tables, in the order in which they are distributed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from citus.config.colocation import read_colocation
from citus.config.entry import Entry
from citus.config.line import shown
from citus.config.postgres_name import why_no_name, why_no_schema
from citus.config.table_settings import TableName, TableSettings

ON_DELETE = ("retain", "undistribute", "drop")
MOST_SHARDS = 64000  # Citus' own limit
_KINDS = ("distributionColumn", "reference", "singleShard")
_ENTRIES = ("schema", "table", *_KINDS, "shardCount", "colocateWith", "concurrently", "onDelete")
_LACKS = {
    "reference": ("a reference table", ("shardCount", "colocateWith", "concurrently")),
    "singleShard": ("a single-shard table", ("shardCount", "concurrently")),
    "distributionColumn": ("a distributed table", ()),
}


def read_tables(declared: Entry) -> tuple[TableSettings, ...]:
    """Read the list; a table may be colocated with those before it."""
    elements = declared.elements(mend=declared.to_remove())
    fields = [element.entries_of(_ENTRIES, "entry of a table") for element in elements]
    names = [_name(*pair) for pair in zip(elements, fields, strict=True)]
    _refuse_doubles(elements, names)
    tables: list[TableSettings] = []
    for element, entries in zip(elements, fields, strict=True):
        tables.append(_table(element, entries, tables, names))
    return tuple(tables)


def _name(element: Entry, fields: Mapping[str, Entry]) -> TableName:
    for key, example in (("schema", "ads"), ("table", "companies")):
        if key not in fields:
            raise element.error(f"has no {key}", element.child(key).to_set(example))
    schema, table = fields["schema"], fields["table"]
    name = TableName(
        schema.text(schema.to_set_text("ads")), table.text(table.to_set_text("companies"))
    )
    if why := why_no_schema(name.schema):
        raise schema.refused(why, schema.to_set("ads"))
    if why := why_no_name(name.table):
        raise table.refused(why, table.to_set("companies"))
    return name


def _refuse_doubles(elements: Sequence[Entry], names: Sequence[TableName]) -> None:
    # Compared as they are written, since a tracked table is named so in the state.
    texts = [str(name) for name in names]
    for element, text in zip(elements, texts, strict=True):
        first = elements[texts.index(text)]
        if first is not element:
            sentence = f"is the table {shown(text)}, which citus:{first.key} is already"
            raise element.error(sentence, element.to_remove())


def _table(
    element: Entry,
    given: Mapping[str, Entry],
    earlier: Sequence[TableSettings],
    names: Sequence[TableName],
) -> TableSettings:
    name = names[len(earlier)]
    kind = _kind(element, given)
    _refuse_what_it_lacks(kind, given)
    fields = {**element.defaults(concurrently=False, onDelete="retain"), **given}
    table = TableSettings(
        schema=name.schema,
        table=name.table,
        reference=kind == "reference",
        distribution_column=_column(fields[kind]) if kind == "distributionColumn" else None,
        concurrently=fields["concurrently"].flag(),
        on_delete=fields["onDelete"].choice(ON_DELETE),
    )
    colocation = read_colocation(given.get("colocateWith"), table, earlier, names)
    count = _shard_count(given.get("shardCount"), colocation)
    return replace(table, colocate_with=colocation, shard_count=count)


def _kind(element: Entry, fields: Mapping[str, Entry]) -> str:
    """Find the one way in which the table is spread."""
    kinds = [
        key
        for key in _KINDS
        if key in fields and (key == "distributionColumn" or fields[key].flag())
    ]
    if not kinds:
        mend = element.child("distributionColumn").to_set("id")
        raise element.error(f"has none of {', '.join(_KINDS)}", mend)
    kind, *others = kinds
    for other in others:
        raise fields[other].refused(f"can't stand beside {kind}", fields[other].to_remove())
    return kind


def _refuse_what_it_lacks(kind: str, fields: Mapping[str, Entry]) -> None:
    what, lacks = _LACKS[kind]
    for key in lacks:
        if key in fields:
            raise fields[key].refused(f"{what} can't have", fields[key].to_remove())


def _column(entry: Entry) -> str:
    column = entry.text(entry.to_set_text("id"))
    if why := why_no_name(column):
        raise entry.refused(why, entry.to_set("id"))
    return column


def _shard_count(entry: Entry | None, colocation: str | TableName) -> int | None:
    if entry is None:
        return None
    count = entry.number(at_least=1, at_most=MOST_SHARDS, example=32)
    if isinstance(colocation, TableName):
        why = "can't stand beside colocateWith: "
        why += f"{shown(str(colocation))} decides how many shards there are"
        raise entry.refused(why, entry.to_remove())
    return count
