"""Two runs at once, a connection lost in mid-plan, an error that passes by itself."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from citus.database import catalogue_lock
from citus.database.errors import StatementFailed
from citus.database.migrations import MigrationsProvider, MigrationsSpec
from citus.database.role import RoleProvider
from citus.database.schema import SchemaProvider
from citus.database.session import PLAN
from tests.live.database.kinds import migrations, role, schema
from tests.live.database.place import Place, a_name
from tests.live.declared import Declared

pytestmark = pytest.mark.live

TRANSIENT = {
    "lock not available": "USING ERRCODE = '55P03'",
    "deadlock detected": "USING ERRCODE = '40P01'",
    "could not serialize": "USING ERRCODE = '40001'",
    "tuple concurrently updated": "",
}


@pytest.fixture
def owned(place: Place) -> Place:
    """Give a role with a schema, and a counter that a rollback doesn't turn back."""
    place.by_hand("CREATE ROLE {name}; CREATE SCHEMA {name} AUTHORIZATION {name}")
    place.by_hand("CREATE SEQUENCE public.{name}_tries; GRANT ALL ON public.{name}_tries TO {name}")
    return place


def declared(place: Place) -> MigrationsSpec:
    return replace(migrations(place), owner=place.name)


def test_two_runs_at_once_follow_each_other_and_both_succeed(place: Place) -> None:
    places = [replace(place, name=a_name()) for _ in range(4)]
    together = threading.Barrier(len(places))

    def run(own: Place) -> None:
        together.wait()
        Declared(RoleProvider()).up(role(own))
        Declared(SchemaProvider()).up(replace(schema(own), owner=own.name))

    with ThreadPoolExecutor(len(places)) as pool:
        list(pool.map(run, places))
    for own in places:
        owner = own.by_hand("SELECT nspowner::regrole::text FROM pg_namespace"
                            " WHERE nspname = '{name}'")  # fmt: skip
        assert owner == [(own.name,)]


def test_a_run_waits_while_another_has_the_lock(place: Place) -> None:
    resource = Declared(SchemaProvider())
    with ThreadPoolExecutor(1) as pool, place.cluster.connect() as other:
        other.execute("SELECT pg_advisory_lock(%s)", (catalogue_lock.KEY,))
        running = pool.submit(resource.up, schema(place))
        time.sleep(0.7)
        made = "SELECT count(*) FROM pg_namespace WHERE nspname = '{name}'"
        assert place.by_hand(made) == [(0,)]
        assert not running.done()
        other.execute("SELECT pg_advisory_unlock(%s)", (catalogue_lock.KEY,))
        running.result(timeout=10)
    assert place.by_hand(made) == [(1,)]


def test_a_connection_lost_in_mid_plan_says_so_and_the_next_run_goes_on(owned: Place) -> None:
    owned.file("001_a.sql", "CREATE TABLE a (id int);")
    # Long the first time only.
    slow = "SELECT pg_sleep(CASE nextval('public.{name}_tries') WHEN 1 THEN 60 ELSE 0 END);"
    owned.file("002_b.sql", f"CREATE TABLE b (id int);\n{slow}")
    resource = Declared(MigrationsProvider())
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(resource.up, declared(owned))
        while not _terminated(owned):
            assert not running.done()
            time.sleep(0.05)
        with pytest.raises(StatementFailed) as failed:
            running.result(timeout=20)
    said = str(failed.value)
    assert said.startswith(f"migrations of {owned.name}: ")
    assert "pg_sleep" in said
    assert "run it again, it goes on from here" in said
    assert _tables(owned) == ["a"]
    resource.up(declared(owned))
    assert _tables(owned) == ["a", "b"]


@pytest.mark.parametrize("error", TRANSIENT)
def test_an_error_that_passes_is_tried_again_under_the_same_settings(
    error: str, owned: Place
) -> None:
    owned.file(
        "001_retried.sql",
        f"""DO $$ BEGIN
            IF nextval('public.{{name}}_tries') < 3 THEN
                RAISE EXCEPTION '{error}' {TRANSIENT[error]};
            END IF;
            CREATE TABLE made (id int);
        END $$;""",
    )
    Declared(MigrationsProvider()).up(declared(owned))
    assert owned.by_hand("SELECT last_value FROM public.{name}_tries") == [(3,)]
    where = "SELECT schemaname, tableowner FROM pg_tables WHERE tablename = 'made'"
    made = where + " AND '{name}' IN (schemaname, tableowner)"
    try:
        assert owned.by_hand(made) == [(owned.name, owned.name)]
    finally:
        owned.by_hand("DROP TABLE IF EXISTS public.made")


def test_a_file_without_a_transaction_is_tried_once(owned: Place) -> None:
    """What it has left behind would be taken for its work."""
    owned.file(
        "001_once.sql",
        """-- no-transaction
        DO $$ BEGIN
            PERFORM nextval('public.{name}_tries');
            RAISE EXCEPTION 'deadlock detected' USING ERRCODE = '40P01';
        END $$;""",
    )
    with pytest.raises(StatementFailed, match="deadlock detected"):
        Declared(MigrationsProvider()).up(declared(owned))
    assert owned.by_hand("SELECT last_value FROM public.{name}_tries") == [(1,)]


def test_an_error_that_stays_is_told_as_psql_does(owned: Place) -> None:
    owned.file("001_a.sql", "CREATE TABLE a (id int PRIMARY KEY);\nINSERT INTO a VALUES (1), (1);")
    with pytest.raises(StatementFailed) as failed:
        Declared(MigrationsProvider()).up(declared(owned))
    assert str(failed.value).splitlines() == [
        f'migrations of {owned.name}: duplicate key value violates unique constraint "a_pkey"',
        "DETAIL: Key (id)=(1) already exists.",
        "SQLSTATE: 23505",
        "STATEMENT: INSERT INTO a VALUES (1), (1) -- 001_a.sql",
    ]
    assert _tables(owned) == []


def _terminated(place: Place) -> bool:
    sql = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        f" WHERE application_name = '{PLAN}' AND query LIKE 'SELECT pg_sleep%'"
    )
    return place.by_hand(sql) == [(True,)]


def _tables(place: Place) -> list[str]:
    sql = "SELECT tablename::text FROM pg_tables WHERE schemaname = '{name}' ORDER BY 1"
    return [row[0] for row in place.by_hand(sql)]
