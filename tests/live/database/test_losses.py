"""What goes with a table or a schema is named before it goes, whatever kind of object it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from citus.database import permit
from citus.database.distributed_table import DistributedTableProvider
from citus.database.schema import SchemaProvider
from citus.database.table import HASH, NONE, TableSpec
from citus.errors import Refused
from tests.live.database.kinds import schema
from tests.live.database.place import Place
from tests.live.declared import Declared
from tests.live.server_log import statements_of_plans

pytestmark = pytest.mark.live

# What another schema has of a table's type, and what hangs on the views over it.
ZOO = """
    CREATE SCHEMA {name}; CREATE SCHEMA {name}_other;
    CREATE TABLE {name}.t (id bigint PRIMARY KEY, v text CHECK (v <> ''));
    INSERT INTO {name}.t SELECT i, 'row' FROM generate_series(1, 9) i;
    CREATE INDEX by_v ON {name}.t (v);
    CREATE STATISTICS {name}.st ON id, v FROM {name}.t;
"""
AROUND = """
    SET citus.multi_shard_modify_mode TO 'sequential';
    CREATE TABLE {name}_other.log (n int, was {name}.t, all_of_them {name}.t[]);
    CREATE POLICY seen ON {name}_other.log USING (EXISTS (SELECT FROM {name}.t));
    CREATE VIEW {name}.view AS SELECT * FROM {name}.t;
    CREATE VIEW {name}.on_view AS SELECT * FROM {name}.view;
    CREATE MATERIALIZED VIEW {name}.kept AS SELECT * FROM {name}.t;
    CREATE INDEX by_id ON {name}.kept (id);
    CREATE FUNCTION {name}.of_row({name}.t) RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint';
    CREATE FUNCTION {name}.instead() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE TRIGGER instead INSTEAD OF INSERT ON {name}.view
        FOR EACH ROW EXECUTE FUNCTION {name}.instead();
    GRANT SELECT ON {name}.on_view TO PUBLIC;
    COMMENT ON VIEW {name}.view IS 'v'; COMMENT ON INDEX {name}.by_v IS 'i';
    COMMENT ON COLUMN {name}.t.v IS 'c'; COMMENT ON STATISTICS {name}.st IS 's';
"""
LOST = [
    "column all_of_them of table {name}_other.log",
    "column was of table {name}_other.log",
    "function {name}.of_row({name}.t)",
    "index {name}.by_id",
    "policy seen on table {name}_other.log",
    "the comment on column v of table {name}.t",
    "the comment on index {name}.by_v",
    "the comment on statistics object {name}.st",
    "the comment on view {name}.view",
    "the grants on view {name}.on_view",
    "trigger instead on view {name}.view",
]
EXIST = """SELECT (SELECT count(*) FROM pg_attribute WHERE NOT attisdropped AND attnum > 0
        AND attrelid = '{name}_other.log'::regclass),
    (SELECT count(*) FROM pg_policy WHERE polrelid = '{name}_other.log'::regclass),
    (SELECT count(*) FROM pg_proc
     WHERE pronamespace = '{name}'::regnamespace AND proname = 'of_row')
"""


def lost(place: Place) -> list[str]:
    return [entry.replace("{name}", place.name) for entry in LOST]


def table(place: Place, shard_count: int = 4) -> TableSpec:
    return TableSpec(place.endpoint, place.name, "t", HASH, "id", shard_count, NONE)


@pytest.fixture
def distributed(place: Place) -> Declared:
    place.by_hand(ZOO)
    resource = Declared(DistributedTableProvider())
    resource.up(table(place))
    return resource


def test_a_table_with_nothing_around_it_is_rewritten_unasked(
    place: Place, distributed: Declared
) -> None:
    distributed.refresh()
    [planned] = distributed.up(table(place, 6))
    assert "loses" not in planned
    kept = "SELECT count(*) FROM pg_indexes WHERE schemaname = '{name}' AND tablename = 't'"
    assert place.by_hand(kept) == [(2,)]
    assert place.by_hand("SELECT count(*) FROM pg_statistic_ext WHERE stxname = 'st'"
                         " AND stxnamespace = '{name}'::regnamespace") == [(1,)]  # fmt: skip
    assert place.by_hand("SELECT count(*) FROM {name}.t") == [(9,)]


def test_all_that_a_rewrite_takes_is_named_and_asked_for(
    place: Place, distributed: Declared, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.by_hand(AROUND)
    distributed.refresh()
    assert distributed.inputs["rewrite_loses"] == lost(place)
    planned, request = distributed.preview(table(place, 6))
    assert all(entry in planned for entry in lost(place))
    with (
        statements_of_plans(place.cluster, monkeypatch) as ran,
        pytest.raises(Refused, match="allowDataLoss"),
    ):
        distributed.up(table(place, 6))
    assert ran.statements == []
    assert place.by_hand(EXIST) == [(3, 1, 1)]
    distributed.provider.permits = (request.split()[-1],)  # type: ignore[attr-defined]
    distributed.up(table(place, 6))
    assert place.by_hand("SELECT count(*) FROM {name}.t") == [(9,)]


@pytest.mark.real_only("the stand-in keeps the table that it rewrites")
def test_what_is_named_is_really_lost(place: Place, distributed: Declared) -> None:
    place.by_hand(AROUND)
    place.by_hand("SELECT alter_distributed_table('{name}.t', shard_count := 6)")
    assert place.by_hand(EXIST) == [(1, 0, 0)]
    distributed.refresh()
    assert "rewrite_loses" not in distributed.inputs


def test_the_same_goes_for_the_tables_of_a_schema_that_is_undistributed(place: Place) -> None:
    resource = Declared(SchemaProvider())
    place.by_hand(ZOO)
    resource.up(schema(place))
    place.by_hand("COMMENT ON TABLE {name}.t IS 'the table'")
    resource.refresh()
    planned, request = resource.preview(replace(schema(place), distributed=False))
    assert f"loses the comment on table {place.name}.t" in planned
    with pytest.raises(Refused, match="allowDataLoss"):
        resource.up(replace(schema(place), distributed=False))
    resource.provider.permits = (request.split()[-1],)  # type: ignore[attr-defined]
    resource.up(replace(schema(place), distributed=False))
    assert place.by_hand("SELECT count(*) FROM {name}.t") == [(9,)]


def test_what_a_dropped_schema_takes_of_others_is_named(place: Place) -> None:
    place.by_hand("""CREATE SCHEMA {name}; CREATE SCHEMA {name}_other;
        CREATE TYPE {name}.mood AS ENUM ('good');
        CREATE TABLE {name}.t (id bigint);
        CREATE TABLE {name}_other.diary (n int, m {name}.mood);
        CREATE VIEW {name}_other.seen AS SELECT * FROM {name}.t""")
    resource = Declared(SchemaProvider())
    declared = replace(schema(place), distributed=False, on_delete="drop")
    resource.up(declared)
    resource.refresh()
    shown, request = resource.inputs["delete_sql"]
    assert f"and column m of table {place.name}_other.diary" in shown
    assert f"and view {place.name}_other.seen" in shown
    assert permit.statements([shown, request]) == [shown]
    with pytest.raises(Refused, match="column m of table"):
        resource.delete()
    resource.provider.permits = (request.split()[-1],)  # type: ignore[attr-defined]
    resource.delete()
    assert place.by_hand("SELECT count(*) FROM pg_namespace WHERE nspname = '{name}'") == [(0,)]
