"""The files of a schema: run in order, once, whole, as its owner."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace

import psycopg
import pytest

from citus.database import connections
from citus.database.errors import StatementFailed
from citus.database.executor import Database
from citus.database.migrations import MigrationsProvider, MigrationsSpec
from citus.database.role import RoleProvider
from citus.database.schema import SchemaProvider
from citus.database.session import SESSION
from citus.database.statement import Statement
from citus.errors import Refused
from tests.live.database.kinds import migrations, role, schema
from tests.live.database.place import Place
from tests.live.declared import Declared, RefusedInPreview

pytestmark = pytest.mark.live

USERS = "CREATE TABLE users (id bigserial PRIMARY KEY, name text NOT NULL);"


@pytest.fixture
def owned(place: Place) -> Place:
    """Give a role's own distributed schema, and a database without a ledger."""
    place.by_hand("DROP SCHEMA IF EXISTS citus_pulumi CASCADE")
    Declared(RoleProvider()).up(role(place))
    Declared(SchemaProvider()).up(replace(schema(place), owner=place.name))
    return place


def files(place: Place, baseline: str = "") -> MigrationsSpec:
    return replace(migrations(place, baseline=baseline), owner=place.name)


def applied(place: Place) -> list[str]:
    sql = "SELECT file FROM citus_pulumi.migrations WHERE schema_name = '{name}' ORDER BY file"
    return [row[0] for row in place.by_hand(sql)]


def _when_begun(place: Place, file: str, then: Callable[[], object]) -> None:
    while file not in applied(place):
        time.sleep(0.05)
    time.sleep(0.5)  # by then it is waited for
    then()


@contextmanager
def short_lock_timeout(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let a plan wait for no lock, instead of for half a minute."""
    with monkeypatch.context() as patched:
        patched.setattr(connections, "IDLE", connections.IdleSessions())
        patched.setattr(connections, "SESSION", {**SESSION, "lock_timeout": "100ms"})
        yield
        connections.IDLE.close()


class Cut(Exception):
    """The program ends here."""


@contextmanager
def cut_after(monkeypatch: pytest.MonkeyPatch, why: str) -> Iterator[None]:
    """End the program as soon as the statement of this reason has run."""
    execute = Database._execute

    def cut(database: Database, statement: Statement) -> object:
        answer = execute(database, statement)
        if statement.why == why:
            raise Cut
        return answer

    with monkeypatch.context() as patched:
        patched.setattr(Database, "_execute", cut)
        yield


def up(place: Place) -> Declared:
    resource = Declared(MigrationsProvider())
    resource.up(files(place))
    return resource


def test_tables_belong_to_the_owner_and_are_distributed(owned: Place) -> None:
    owned.file("001_users.sql", USERS)
    up(owned)
    sql = """SELECT tableowner::text, colocationid = (SELECT colocationid FROM pg_dist_schema
            WHERE schemaid = '{name}'::regnamespace)
        FROM pg_tables JOIN pg_dist_partition ON logicalrelid = '{name}.users'::regclass
        WHERE schemaname = '{name}' AND tablename = 'users'"""
    assert owned.by_hand(sql) == [(owned.name, True)]


def test_a_new_file_runs_alone(owned: Place) -> None:
    owned.file("001_users.sql", USERS)
    resource = up(owned)
    owned.file("002_emails.sql", "ALTER TABLE users ADD COLUMN email text;")
    planned = resource.up(files(owned))
    assert planned[0] == "ALTER TABLE users ADD COLUMN email text -- 002_emails.sql"
    assert len(planned) == 2
    assert applied(owned) == ["001_users.sql", "002_emails.sql"]


def test_a_file_that_fails_is_rolled_back_whole_and_those_before_it_stay(owned: Place) -> None:
    owned.file("001_users.sql", USERS)
    owned.file("002_more.sql", "ALTER TABLE users ADD COLUMN email text;\nCREATE TABLE users ();")
    with pytest.raises(StatementFailed, match='relation "users" already exists'):
        up(owned)
    assert applied(owned) == ["001_users.sql"]
    columns = """SELECT attname::text FROM pg_attribute
        WHERE attrelid = '{name}.users'::regclass AND attnum > 0 ORDER BY attnum"""
    assert owned.by_hand(columns) == [("id",), ("name",)]
    owned.file("002_more.sql", "ALTER TABLE users ADD COLUMN email text;")
    up(owned)
    assert applied(owned) == ["001_users.sql", "002_more.sql"]


def test_a_first_line_opts_out_of_the_transaction(owned: Place) -> None:
    owned.file("001_users.sql", USERS)
    owned.file(
        "002_index.sql", "-- no-transaction\nCREATE INDEX CONCURRENTLY named ON users (name);"
    )
    up(owned)
    assert applied(owned) == ["001_users.sql", "002_index.sql"]
    valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = '{name}.named'::regclass"
    assert owned.by_hand(valid) == [(True,)]


def test_an_index_that_was_cut_off_is_refused_by_name_until_it_is_dropped(
    owned: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    owned.file("001_users.sql", USERS)
    resource = up(owned)
    index = "CREATE INDEX CONCURRENTLY IF NOT EXISTS named ON users (name);"
    owned.file("002_index.sql", f"-- no-transaction\n{index}")
    drop = f"DROP INDEX CONCURRENTLY IF EXISTS {owned.name}.named"
    with short_lock_timeout(monkeypatch), owned.cluster.connect() as other:
        other.autocommit = False
        other.execute(f"INSERT INTO {owned.name}.users (name) VALUES ('ada')".encode())
        with pytest.raises(StatementFailed, match="lock timeout"):
            resource.up(files(owned))
    resource.refresh()
    with pytest.raises(StatementFailed, match=f"index {owned.name}.named is not valid.*{drop};"):
        resource.up(files(owned))
    valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = '{name}.named'::regclass"
    assert owned.by_hand(valid) == [(False,)]
    owned.by_hand(drop)
    resource.up(files(owned))
    assert owned.by_hand(valid) == [(True,)]
    assert not resource.changes(files(owned))


def test_an_index_that_another_session_builds_is_waited_for(owned: Place) -> None:
    """On Citus it shows no progress: the workers build it."""
    owned.file("001_users.sql", USERS)
    resource = up(owned)
    owned.file("002_one.sql", "-- no-transaction\nSELECT 1;")
    valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('{name}.named')"
    with ThreadPoolExecutor() as pool, owned.cluster.connect() as writer:
        writer.autocommit = False
        writer.execute(f"INSERT INTO {owned.name}.users (name) VALUES ('ada')".encode())
        index = "CREATE INDEX CONCURRENTLY named ON {name}.users (name)"
        building = pool.submit(owned.by_hand, index)
        while owned.by_hand(valid) != [(False,)]:
            assert not building.done()
        begun = pool.submit(_when_begun, owned, "002_one.sql", writer.rollback)
        resource.up(files(owned))
        begun.result()
        assert owned.by_hand(valid) == [(True,)]
    assert applied(owned) == ["001_users.sql", "002_one.sql"]


def test_an_index_that_was_cut_off_is_named_while_another_is_built(owned: Place) -> None:
    owned.file("001_users.sql", USERS)
    resource = up(owned)
    owned.by_hand("CREATE TABLE other (id int)")
    owned.by_hand("INSERT INTO {name}.users (name) VALUES ('ada'), ('ada')")
    with suppress(psycopg.Error):
        owned.by_hand("CREATE UNIQUE INDEX CONCURRENTLY named ON {name}.users (name)")
    owned.file("002_one.sql", "-- no-transaction\nSELECT 1;")
    with ThreadPoolExecutor() as pool, owned.cluster.connect() as writer:
        writer.autocommit = False
        writer.execute(b"INSERT INTO other VALUES (1)")
        building = pool.submit(owned.by_hand, "CREATE INDEX CONCURRENTLY ON other (id)")
        while not owned.by_hand("SELECT 1 FROM pg_stat_progress_create_index"):
            assert not building.done()
        with pytest.raises(StatementFailed, match=f"index {owned.name}.named is not valid"):
            resource.up(files(owned))
        writer.rollback()
        building.result()
    owned.by_hand("DROP TABLE other")


def test_a_file_that_skips_an_invalid_index_is_not_finished(owned: Place) -> None:
    owned.file("001_users.sql", USERS)
    resource = up(owned)
    owned.by_hand("INSERT INTO {name}.users (name) VALUES ('ada'), ('ada')")
    with suppress(psycopg.Error):
        owned.by_hand("CREATE UNIQUE INDEX CONCURRENTLY named ON {name}.users (name)")
    index = "CREATE INDEX CONCURRENTLY IF NOT EXISTS named ON users (name);"
    owned.file("002_index.sql", f"-- no-transaction\n{index}")
    with pytest.raises(StatementFailed, match=f"index {owned.name}.named is not valid"):
        resource.up(files(owned))
    resource.refresh()
    assert resource.changes(files(owned))


def test_a_statement_of_a_file_runs_as_long_as_it_takes(owned: Place) -> None:
    owned.file("001_how.sql", "CREATE TABLE how AS SELECT current_setting('statement_timeout') t;")
    up(owned)
    assert owned.by_hand("SELECT t FROM {name}.how") == [("0",)]


def test_without_that_line_such_a_statement_fails_and_says_why(owned: Place) -> None:
    owned.file("001_users.sql", f"{USERS}\nCREATE INDEX CONCURRENTLY named ON users (name);")
    with pytest.raises(StatementFailed, match="cannot run inside a transaction block"):
        up(owned)
    assert applied(owned) == []


@pytest.mark.parametrize(
    ("name", "text", "refusal"),
    [
        ("002_b.sql", "CREATE TABLE edited ();", "was applied and has been edited since"),
        ("002_b.sql", None, "was applied and is gone: put it back"),
        ("001_before.sql", "SELECT 1;", "is new but comes before 002_b.sql, which was applied"),
        ("fourth.sql", "SELECT 1;", "needs a name with a number, such as 001_users.sql"),
        ("003_c.sql", "COMMIT;", "COMMIT stands in a file that is one transaction: take it out"),
        ("003_c.sql", "\\copy users FROM x", "a backslash command is psql's, not SQL"),
    ],
    ids=["edited", "gone", "overtaken", "misnamed", "commits", "psql"],
)
def test_a_file_that_cannot_be_is_refused_by_its_name(
    name: str, text: str | None, refusal: str, owned: Place
) -> None:
    owned.file("000_a.sql", "CREATE TABLE a ();")
    owned.file("002_b.sql", "CREATE TABLE b ();")
    resource = up(owned)
    (owned.folder / name).unlink(missing_ok=True)
    if text is not None:
        owned.file(name, text)
    with pytest.raises(RefusedInPreview) as refused:
        resource.preview(files(owned))
    assert name in str(refused.value)
    assert refusal in str(refused.value)


def test_a_ledger_edited_by_hand_is_refused_by_the_name_of_the_file(owned: Place) -> None:
    owned.file("001_users.sql", USERS)
    resource = up(owned)
    owned.by_hand("UPDATE citus_pulumi.migrations SET checksum = 'x' WHERE schema_name = '{name}'")
    resource.refresh()
    with pytest.raises(RefusedInPreview, match=r"001_users\.sql was applied and has been edited"):
        resource.preview(files(owned))


def test_tables_that_no_ledger_tells_of_are_refused_with_the_line_to_paste(owned: Place) -> None:
    owned.by_hand("CREATE TABLE {name}.users (id bigint)")
    owned.file("001_users.sql", USERS)
    owned.file("002_more.sql", "CREATE TABLE more ();")
    with pytest.raises(Refused) as refused:
        up(owned)
    assert str(refused.value) == (
        f"schema {owned.name} has tables (users) that no ledger tells of; if the files up to one "
        f"made them: `bin/pulumi config set --path 'baseline.{owned.name}' 002_more.sql`"
    )


def test_a_baseline_takes_the_files_up_to_it_for_applied(owned: Place) -> None:
    owned.by_hand("CREATE TABLE {name}.users (id bigint); INSERT INTO {name}.users VALUES (7)")
    owned.file("001_users.sql", USERS)
    owned.file("002_more.sql", "CREATE TABLE more ();")
    resource = Declared(MigrationsProvider())
    resource.up(files(owned, baseline="001_users.sql"))
    assert applied(owned) == ["001_users.sql", "002_more.sql"]
    assert owned.by_hand("SELECT id FROM {name}.users") == [(7,)]
    resource.refresh()
    assert resource.preview(files(owned, baseline="001_users.sql")) == []
    assert resource.preview(files(owned)) == []


def test_a_baseline_is_entered_whole_or_not_at_all(
    owned: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    owned.by_hand("CREATE TABLE {name}.prices (cents bigint); INSERT INTO {name}.prices VALUES (5)")
    owned.file("001_prices.sql", "CREATE TABLE prices (cents bigint);")
    owned.file("002_cents.sql", "UPDATE prices SET cents = cents * 100;")
    declared = files(owned, baseline="002_cents.sql")
    with cut_after(monkeypatch, "001_prices.sql was applied before"), pytest.raises(Cut):
        Declared(MigrationsProvider()).up(declared)
    assert applied(owned) == []
    Declared(MigrationsProvider()).up(declared)
    assert applied(owned) == ["001_prices.sql", "002_cents.sql"]
    assert owned.by_hand("SELECT cents FROM {name}.prices") == [(5,)]


def test_a_baseline_of_which_a_part_is_entered_is_finished(owned: Place) -> None:
    """As the program left it when each entry was a transaction of its own."""
    owned.by_hand("CREATE TABLE {name}.users (id bigint)")
    owned.file("001_users.sql", USERS)
    owned.file("002_more.sql", "ALTER TABLE users ADD COLUMN id bigint;")
    declared = files(owned, baseline="002_more.sql")
    Declared(MigrationsProvider()).up(declared)
    owned.by_hand("DELETE FROM citus_pulumi.migrations WHERE file = '002_more.sql'")
    Declared(MigrationsProvider()).up(declared)
    assert applied(owned) == ["001_users.sql", "002_more.sql"]


def test_a_baseline_of_a_schema_without_tables_is_refused(owned: Place) -> None:
    owned.file("001_users.sql", USERS)
    with pytest.raises(Refused, match=f"names 001_users.sql for {owned.name}, which has no tables"):
        Declared(MigrationsProvider()).up(files(owned, baseline="001_users.sql"))
    up(owned)
    assert applied(owned) == ["001_users.sql"]


def test_bodies_braces_percents_and_semicolons_in_strings_run_as_they_stand(owned: Place) -> None:
    owned.file("001_users.sql", USERS)
    owned.file(
        "002_odd.sql",
        """-- a comment; with a semicolon
        CREATE FUNCTION twice(n int) RETURNS int LANGUAGE plpgsql AS $body$
        BEGIN /* ; */ RETURN n * 2; END; $body$;
        INSERT INTO users (name) VALUES ('50%; {schema} ''quoted'' %s'), (E'tab\\t');
        INSERT INTO users (name) SELECT 'n' || twice(4)""",
    )
    up(owned)
    rows = owned.by_hand("SELECT name FROM {name}.users ORDER BY id")
    assert rows == [("50%; {schema} 'quoted' %s",), ("tab\t",), ("n8",)]


def test_a_statement_for_superusers_fails_as_it_does_for_the_owner(owned: Place) -> None:
    owned.file("001_users.sql", "CREATE ROLE intruder;")
    with pytest.raises(StatementFailed) as failed:
        up(owned)
    said = str(failed.value).splitlines()
    assert said[0].startswith(f"migrations of {owned.name}: permission denied to create role")
    assert "SQLSTATE: 42501" in said
    assert said[-1] == "STATEMENT: CREATE ROLE intruder -- 001_users.sql"
    assert applied(owned) == []
