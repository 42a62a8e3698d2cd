from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from citus.database.migrations import MigrationsProvider, MigrationsSpec
from citus.database.sql_folder import checksums
from citus.database.tracked import is_subsequence
from citus.errors import ConfigError
from tests.pure.database.specs import migrations, rendered

pytestmark = pytest.mark.pure

USERS, EMAILS = "001_users.sql", "002_emails.sql"
FILES = {USERS: "CREATE TABLE users ();\nSELECT 1;\n", EMAILS: "ALTER TABLE users ADD x int"}
SCHEMA, TABLE = "CREATE SCHEMA", "CREATE TABLE IF NOT EXISTS citus_pulumi.migrations"
provider = MigrationsProvider()


@pytest.fixture
def declared(tmp_path: Path) -> MigrationsSpec:
    return migrations(tmp_path, FILES)


def found(declared: MigrationsSpec, *names: str, **more: object) -> MigrationsSpec:
    """Give what the ledger has when these files are applied."""
    return replace(declared, files={n: declared.files[n] for n in names}, **more)  # type: ignore[arg-type]


def entered(name: str, declared: MigrationsSpec) -> str:
    row = f"('user_service'::regnamespace, 'user_service', '{name}', '{declared.files[name]}')"
    columns = "(schema_id, schema_name, file, checksum)"
    return f"INSERT INTO citus_pulumi.migrations {columns} VALUES {row}"


def test_new_files_run_in_order_each_with_its_entry(declared: MigrationsSpec) -> None:
    ledger, table, *files = rendered(provider.plan(None, declared))
    assert ledger.startswith(SCHEMA)
    assert table.startswith(TABLE)
    assert files == [
        "CREATE TABLE users ()",
        "SELECT 1",
        entered(USERS, declared),
        "ALTER TABLE users ADD x int",
        entered(EMAILS, declared),
    ]


def test_only_the_new_file_runs(declared: MigrationsSpec) -> None:
    plan = provider.plan(found(declared, USERS), declared)
    assert rendered(plan) == ["ALTER TABLE users ADD x int", entered(EMAILS, declared)]


def test_applied_files_are_nothing_to_do(declared: MigrationsSpec) -> None:
    assert provider.plan(declared, declared) == []


def test_a_file_and_its_entry_are_one_transaction_as_the_owner(declared: MigrationsSpec) -> None:
    plan = provider.plan(found(declared), declared)
    assert [s.transaction for s in plan] == [f"user_service/{USERS}"] * 3 + [
        f"user_service/{EMAILS}"
    ] * 2
    of_files = [s for s in plan if "citus_pulumi" not in s.text]
    path = "user_service, public"
    settings = {"role": "user_service", "search_path": path, "statement_timeout": "0"}
    assert [s.settings for s in of_files] == [settings] * 3
    assert all(not s.settings for s in plan if "citus_pulumi" in s.text)


def test_a_file_that_opts_out_commits_each_statement(tmp_path: Path) -> None:
    new = migrations(tmp_path, {USERS: "-- no-transaction\nSELECT 1; SELECT 2"})
    plan = provider.plan(found(new), new)
    assert [s.transaction for s in plan] == [None] * 4
    assert plan[0].values["checksum"] == ""
    assert "INSERT" in plan[0].text
    assert "UPDATE" in plan[3].text


def test_a_file_that_opted_out_and_was_cut_off_runs_again(tmp_path: Path) -> None:
    new = migrations(tmp_path, {USERS: "-- no-transaction\nSELECT 1; SELECT 2"})
    cut_off = replace(new, files={USERS: ""})
    whole = rendered(provider.plan(None, new))
    assert rendered(provider.plan(cut_off, new)) == whole[-3:]


def test_a_file_that_opts_out_is_not_tried_again_by_itself(tmp_path: Path) -> None:
    new = migrations(tmp_path, {USERS: "-- no-transaction\nSELECT 1", EMAILS: "SELECT 2"})
    plan = provider.plan(found(new), new)
    assert [(s.text, s.retried) for s in plan if "citus_pulumi" not in s.text] == [
        ("SELECT 1", False),
        ("SELECT 2", True),
    ]


@pytest.mark.parametrize(
    ("begun", "waiting"), [(False, ["UPDATE"]), (True, ["SELECT 1", "UPDATE"])]
)
def test_invalid_indexes_are_looked_for_before_a_second_run_and_before_the_end(
    tmp_path: Path,
    begun: bool,  # noqa: FBT001
    waiting: list[str],
) -> None:
    new = migrations(tmp_path, {USERS: "-- no-transaction\nSELECT 1; SELECT 2"})
    old = replace(new, files={USERS: ""} if begun else {})
    plan = provider.plan(old, new)
    assert [s.text.split(" citus")[0] for s in plan if s.before] == waiting


@pytest.mark.parametrize("form", ["SET", "SET LOCAL", "set session"])
def test_a_file_may_say_for_how_long_its_statements_run(tmp_path: Path, form: str) -> None:
    new = migrations(tmp_path, {USERS: f"{form} statement_timeout = '5s'; SELECT 1"})
    plan = provider.plan(found(new), new)
    assert not any("statement_timeout" in s.settings for s in plan)


def test_a_half_done_run_is_finished_from_every_commit(declared: MigrationsSpec) -> None:
    first = rendered(provider.plan(None, declared))
    states = [
        found(declared, ledger=False),  # the ledger's schema is there, which nobody looks for
        found(declared),
        found(declared, USERS),
        declared,
    ]
    left = [rendered(provider.plan(state, declared)) for state in states]
    assert [len(plan) for plan in left] == [7, 5, 2, 0]
    assert all(is_subsequence(plan, first) for plan in left)


def test_another_owner_folder_or_endpoint_runs_nothing(declared: MigrationsSpec) -> None:
    assert provider.plan(replace(declared, owner="other", folder="elsewhere"), declared) == []


@pytest.mark.parametrize(
    ("applied", "now", "sentence"),
    [
        ([USERS], {USERS: "edited"}, f"/{USERS} was applied and has been edited since: undo"),
        ([USERS, EMAILS], {EMAILS: FILES[EMAILS]}, f"/{USERS} was applied and is gone: put it"),
        ([EMAILS], FILES, f"/{USERS} is new but comes before {EMAILS}, which was applied: give it"),
        ([], {"users.sql": ""}, "users.sql needs a name with a number, such as 001_users.sql"),
        ([], {USERS: "SELECT 'a"}, f"{USERS} can't be read as SQL"),
        ([], {USERS: "BEGIN"}, f"{USERS}: BEGIN stands in a file that is one transaction"),
    ],
    ids=["edited", "removed", "overtaken", "unnumbered", "broken", "transaction"],
)
def test_a_file_is_refused_by_name(
    tmp_path: Path, applied: list[str], now: dict[str, str], sentence: str
) -> None:
    old = found(migrations(tmp_path, FILES), *applied)
    for name in FILES:
        (tmp_path / name).unlink()
    new = migrations(tmp_path, now)
    result = provider.check(provider.encode(old), provider.encode(new))
    assert [(f.property, sentence in f.reason) for f in result.failures] == [("", True)]


def test_a_file_edited_while_it_is_read_is_refused(declared: MigrationsSpec) -> None:
    Path(declared.folder, EMAILS).write_text("-- another text")
    (failure,) = provider.check({}, provider.encode(declared)).failures
    assert f"{EMAILS} was edited while it was read" in failure.reason


def test_tables_without_a_ledger_are_refused_with_the_line_that_accepts_them(
    declared: MigrationsSpec,
) -> None:
    old = found(declared, ledger=False, strangers=("users",))
    (failure,) = provider.check(provider.encode(old), provider.encode(declared)).failures
    assert "schema user_service has tables (users) that no ledger tells of" in failure.reason
    assert f"bin/pulumi config set --path 'baseline.user_service' {EMAILS}" in failure.reason


@pytest.mark.parametrize("ledger", [True, False])
def test_up_to_the_baseline_files_are_entered_and_not_run(
    declared: MigrationsSpec,
    ledger: bool,  # noqa: FBT001
) -> None:
    old = found(declared, ledger=ledger, strangers=("users",))
    plan = rendered(provider.plan(old, replace(declared, baseline=USERS)))
    assert plan[-3:] == [
        entered(USERS, declared),
        "ALTER TABLE users ADD x int",
        entered(EMAILS, declared),
    ]
    assert [line[:13] for line in plan[:-3]] == ([] if ledger else [SCHEMA, TABLE[:13]])


def test_the_entries_of_a_baseline_are_one_transaction(declared: MigrationsSpec) -> None:
    old, new = found(declared, strangers=("users",)), replace(declared, baseline=EMAILS)
    plan = provider.plan(old, new)
    assert rendered(plan) == [entered(USERS, declared), entered(EMAILS, declared)]
    assert {s.transaction for s in plan} == {"user_service/baseline"}


def test_a_baseline_that_was_cut_off_is_taken_up_and_runs_nothing(declared: MigrationsSpec) -> None:
    new = replace(declared, baseline=EMAILS)
    left = rendered(provider.plan(found(declared, USERS), new))
    assert left == [entered(EMAILS, declared)]
    assert is_subsequence(left, rendered(provider.plan(None, new)))
    assert provider.plan(declared, new) == []


def test_a_baseline_without_tables_is_refused_with_the_way_back(declared: MigrationsSpec) -> None:
    new = provider.encode(replace(declared, baseline=USERS))
    (failure,) = provider.check(provider.encode(found(declared)), new).failures
    assert "which has no tables: `bin/pulumi config rm --path 'baseline.user_service'" in str(
        failure.reason
    )


def test_only_sql_files_of_the_folder_are_declared(tmp_path: Path) -> None:
    spec = migrations(tmp_path, FILES)
    (tmp_path / "README.md").write_text("notes")
    (tmp_path / "old").mkdir()
    assert checksums(tmp_path) == spec.files


def test_a_missing_folder_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="gone/ is missing: it holds the SQL files"):
        checksums(tmp_path / "gone")


def test_the_thousandth_file_comes_after_the_one_before(tmp_path: Path) -> None:
    new = migrations(tmp_path, {"999_a.sql": "SELECT 1", "1000_b.sql": "SELECT 2"})
    assert rendered(provider.plan(found(new, "999_a.sql"), new))[0] == "SELECT 2"


def test_a_baseline_that_is_no_file_is_refused(declared: MigrationsSpec) -> None:
    old = found(declared, strangers=("users",))
    new = replace(declared, baseline="001_user.sql")
    assert provider.check(provider.encode(old), provider.encode(new)).failures
