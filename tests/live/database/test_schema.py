"""A schema keeps its rows and its name, wherever they are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from citus.database.errors import StatementFailed
from citus.database.migrations import MigrationsProvider
from citus.database.role import RoleProvider
from citus.database.schema import SchemaProvider
from tests.live.database.kinds import PASSWORD, migrations, role, schema
from tests.live.database.place import Place, a_name
from tests.live.declared import Declared
from tests.live.server_log import statements_of_plans

pytestmark = pytest.mark.live


def rows(place: Place) -> tuple[int, int]:
    [row] = place.by_hand("SELECT count(*), sum(id) FROM {name}.users")
    return int(row[0]), int(row[1])


def test_every_row_stays_when_a_schema_is_distributed_taken_back_and_distributed_again(
    place: Place,
) -> None:
    resource = Declared(SchemaProvider())
    resource.up(replace(schema(place), distributed=False))
    place.by_hand("CREATE TABLE {name}.users AS SELECT id FROM generate_series(1, 1000) id")
    before = rows(place)
    for distributed in (True, False, True):
        assert len(resource.up(replace(schema(place), distributed=distributed))) == 1
        assert rows(place) == before
        assert (resource.outputs["colocation_id"] != 0) is distributed
        resource.refresh()
        assert not resource.changes(replace(schema(place), distributed=distributed))


def test_undistributed_by_hand_it_is_distributed_again_with_its_rows(place: Place) -> None:
    resource = Declared(SchemaProvider())
    resource.up(schema(place))
    place.by_hand("CREATE TABLE {name}.users AS SELECT id FROM generate_series(1, 10) id")
    place.by_hand("SELECT citus_schema_undistribute('{name}')")
    resource.refresh()
    assert resource.up(schema(place)) == [
        f"SELECT citus_schema_distribute('{place.name}') -- its tables move to one worker"
    ]
    assert rows(place) == (10, 55)


@pytest.mark.real_only("rows of the stand-in stay on the coordinator")
def test_the_rows_of_a_distributed_schema_are_on_one_worker(place: Place) -> None:
    resource = Declared(SchemaProvider())
    resource.up(replace(schema(place), distributed=False))
    place.by_hand("CREATE TABLE {name}.users AS SELECT id FROM generate_series(1, 10) id")
    resource.up(schema(place))
    [[group, shard]] = place.by_hand("""SELECT groupid, shardid FROM pg_dist_placement
        JOIN pg_dist_shard USING (shardid) WHERE logicalrelid = '{name}.users'::regclass""")
    assert group in (1, 2, 3)
    worker = place.cluster.nodes[group]
    assert place.by_hand(f"SELECT count(*) FROM {{name}}.users_{shard}", worker) == [(10,)]


def test_what_citus_refuses_to_distribute_is_told_as_psql_does_and_changes_nothing(
    place: Place,
) -> None:
    place.by_hand("""CREATE SCHEMA {name}_other; CREATE TABLE {name}_other.a (id int PRIMARY KEY);
        CREATE SCHEMA {name}; CREATE TABLE {name}.b (id int REFERENCES {name}_other.a)""")
    resource = Declared(SchemaProvider())
    resource.up(replace(schema(place), distributed=False))
    with pytest.raises(StatementFailed) as failed:
        resource.up(schema(place))
    said = str(failed.value).splitlines()
    assert said[0].startswith(f"schema {place.name}: ")
    assert said[-1].startswith(f"STATEMENT: SELECT citus_schema_distribute('{place.name}')")
    resource.refresh()
    assert resource.outputs["distributed"] is False


def test_a_schema_that_was_dropped_by_hand_gets_its_tables_again(place: Place) -> None:
    tracked, tables = Declared(SchemaProvider()), Declared(MigrationsProvider())
    place.file("001_users.sql", "CREATE TABLE users (id int);")
    tracked.up(schema(place))
    tables.up(migrations(place))
    place.by_hand("DROP SCHEMA {name} CASCADE")
    tracked.refresh()
    tables.refresh()
    tracked.up(schema(place))
    assert tables.preview(migrations(place)) != []
    tables.up(migrations(place))
    assert place.by_hand("SELECT count(*) FROM {name}.users") == [(0,)]


def test_a_schema_stays_when_the_resource_goes(
    place: Place, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    resource = Declared(SchemaProvider())
    resource.up(schema(place))
    with statements_of_plans(place.cluster, monkeypatch) as ran:
        resource.delete()
    assert ran.statements == []
    assert "stays in the database" in capsys.readouterr().out
    assert place.by_hand("SELECT count(*) FROM pg_namespace WHERE nspname = '{name}'") == [(1,)]


@pytest.mark.parametrize("name", ["Upper-Case", 'it\'s "quoted"'])
def test_names_that_need_quotes_work_in_every_kind(name: str, place: Place) -> None:
    odd = replace(place, name=f"{a_name()} {name}")
    file = "CREATE TABLE users (id int); INSERT INTO users VALUES (1);"
    odd.file("001_users.sql", file)
    resources = [
        (Declared(RoleProvider()), role(odd)),
        (Declared(SchemaProvider()), replace(schema(odd), owner=odd.name)),
        (Declared(MigrationsProvider()), replace(migrations(odd), owner=odd.name)),
    ]
    for resource, declared in resources:
        resource.up(declared)
        resource.refresh()
        assert not resource.changes(declared)
    with place.cluster.connect(user=odd.name, password=PASSWORD) as session:
        assert session.execute("SELECT id FROM users").fetchall() == [(1,)]
