"""Both ways to distribute a schema, its name, and the worker that holds it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from citus.database.errors import ChangedSincePreview, StatementFailed
from citus.database.migrations import MigrationsProvider
from citus.database.schema import SchemaProvider
from citus.database.schema_plan import FUNCTION, SETTING, SchemaSpec
from tests.live.database.kinds import migrations, schema
from tests.live.database.place import Place
from tests.live.declared import Declared
from tests.live.server_log import statements_of_plans

pytestmark = pytest.mark.live

STATE = """SELECT pg_get_userbyid(nspowner), d.colocationid IS NOT NULL,
    (SELECT array_agg((relname, partmethod, repmodel)::text ORDER BY relname)
     FROM pg_dist_partition p JOIN pg_class c ON c.oid = p.logicalrelid
     WHERE p.colocationid = d.colocationid)
    FROM pg_namespace n LEFT JOIN pg_dist_schema d ON d.schemaid = n.oid
    WHERE nspname = '{name}'"""


def made(place: Place, how: str) -> tuple[Declared, SchemaSpec, list[str]]:
    resource, declared = Declared(SchemaProvider()), replace(schema(place), how=how)
    shown = resource.up(declared)
    place.by_hand("CREATE TABLE {name}.t (id bigint); INSERT INTO {name}.t VALUES (1)")
    return resource, declared, shown


def test_by_the_setting_one_statement_makes_what_the_function_takes_two_for(place: Place) -> None:
    other = replace(place, name=f"{place.name}_too")
    _, _, by_function = made(place, FUNCTION)
    _, _, by_setting = made(other, SETTING)
    assert (len(by_function), len(by_setting)) == (2, 1)
    assert place.by_hand(STATE) == other.by_hand(STATE)


@pytest.mark.parametrize(("how", "instead"), [(FUNCTION, SETTING), (SETTING, FUNCTION)])
def test_to_switch_between_them_runs_no_sql(
    how: str, instead: str, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource, declared, _ = made(place, how)
    switched = replace(declared, how=instead)
    assert resource.changes(switched)
    with statements_of_plans(place.cluster, monkeypatch) as ran:
        assert resource.up(switched) == []
    assert ran.statements == []
    resource.refresh()
    assert not resource.changes(switched)


def test_a_default_of_the_server_distributes_no_schema_that_is_not_declared_so(
    place: Place,
) -> None:
    place.by_hand("ALTER DATABASE postgres SET citus.enable_schema_based_sharding TO on")
    try:
        resource = Declared(SchemaProvider())
        resource.up(replace(schema(place), distributed=False))
    finally:
        place.by_hand("ALTER DATABASE postgres RESET citus.enable_schema_based_sharding")
    assert resource.outputs["colocation_id"] == 0


def test_by_the_setting_a_regular_schema_is_not_taken_for_one_that_it_made(place: Place) -> None:
    place.by_hand("CREATE SCHEMA {name}")
    with pytest.raises(ChangedSincePreview, match="its distributed is False: declare it so first"):
        Declared(SchemaProvider()).up(replace(schema(place), how=SETTING))


@pytest.mark.parametrize(
    "spread",
    [
        "create_distributed_table('{name}.t', 'id')",
        "create_reference_table('{name}.t')",
        "create_distributed_table('{name}.t', NULL)",
    ],
)
def test_one_that_holds_distributed_tables_is_refused_with_citus_reason(
    spread: str, place: Place
) -> None:
    place.by_hand("CREATE SCHEMA {name}; CREATE TABLE {name}.t (id bigint); SELECT " + spread)
    resource = Declared(SchemaProvider())
    with pytest.raises(StatementFailed) as failed:
        resource.up(schema(place))
    said = str(failed.value)
    assert f"schema {place.name}: distributed schema cannot have distributed tables" in said
    assert "HINT: Undistribute distributed tables before" in said


def test_a_new_name_keeps_the_rows_and_what_was_applied(place: Place) -> None:
    tracked, tables = Declared(SchemaProvider()), Declared(MigrationsProvider())
    place.file("001_users.sql", "CREATE TABLE users AS SELECT generate_series(1, 9) AS id;")
    tracked.up(schema(place))
    tables.up(migrations(place))
    renamed = replace(schema(place), name=f"{place.name}_new")
    shown = tracked.up(renamed)
    assert shown == [
        f"ALTER SCHEMA {place.name} RENAME TO {place.name}_new -- with all that is in it"
    ]
    assert tables.up(replace(migrations(place), schema=renamed.name)) == []
    assert place.by_hand("SELECT count(*) FROM {name}_new.users") == [(9,)]
    for resource, declared in ((tracked, renamed),):
        resource.refresh()
        assert not resource.changes(declared)


def test_a_rename_that_was_done_but_not_recorded_is_not_done_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracked = Declared(SchemaProvider())
    tracked.up(schema(place))
    renamed = replace(schema(place), name=f"{place.name}_new")
    checked = tracked.check(renamed)
    place.by_hand("ALTER SCHEMA {name} RENAME TO {name}_new")
    with statements_of_plans(place.cluster, monkeypatch) as ran:
        tracked.run(checked)
    assert ran.statements == []


def test_it_moves_to_its_node_once_it_has_a_table(place: Place) -> None:
    resource = Declared(SchemaProvider())
    shown = {}
    for worker in place.cluster.workers:
        declared = replace(schema(place), node=str(worker.address))
        shown[worker.name] = resource.up(declared)
        resource.refresh()
        assert not resource.changes(declared)  # an empty schema is nowhere yet
        if worker is place.cluster.workers[0]:
            assert shown[worker.name][-1].startswith(f"-- {place.name} can't be moved to ")
            place.by_hand("CREATE TABLE {name}.t (id bigint PRIMARY KEY)")
            place.by_hand("INSERT INTO {name}.t VALUES (1)")
            resource.refresh()
            resource.up(declared)
        assert where(place) == str(worker.address)
    assert "citus_schema_move(" in shown["worker-1"][0]
    assert place.by_hand("SELECT count(*) FROM {name}.t") == [(1,)]


def test_one_without_a_primary_key_moves_while_writes_wait(place: Place) -> None:
    resource, declared = Declared(SchemaProvider()), schema(place)
    resource.up(declared)
    place.by_hand("CREATE TABLE {name}.t (id bigint)")
    place.by_hand("INSERT INTO {name}.t VALUES (1)")
    addresses = [str(worker.address) for worker in place.cluster.workers]
    other = next(address for address in addresses if address != where(place))
    resource.up(replace(declared, node=other, shard_transfer_mode="block_writes"))
    assert where(place) == other
    assert place.by_hand("SELECT id FROM {name}.t") == [(1,)]


def test_one_that_was_moved_by_hand_is_moved_back(place: Place) -> None:
    first, second = place.cluster.workers[:2]
    place.by_hand("CREATE SCHEMA {name}; CREATE TABLE {name}.t (id bigint PRIMARY KEY)")
    resource, declared = Declared(SchemaProvider()), replace(schema(place), node=str(first.address))
    resource.up(replace(declared, node=""))
    if where(place) == str(first.address):
        first, second = second, first
        declared = replace(declared, node=str(first.address))
    resource.up(declared)
    host, port = second.address.host, second.address.port
    place.by_hand(f"SELECT citus_schema_move('{{name}}', '{host}', {port}, 'block_writes')")
    resource.refresh()
    assert resource.outputs["node"] == str(second.address)
    resource.up(declared)
    assert where(place) == str(first.address)


def where(place: Place) -> str:
    """Give the node that holds the schema's table."""
    [[node]] = place.by_hand("""SELECT nodename || ':' || nodeport FROM pg_dist_shard
        JOIN pg_dist_placement USING (shardid) JOIN pg_dist_node USING (groupid)
        WHERE logicalrelid = '{name}.t'::regclass""")
    return str(node)
