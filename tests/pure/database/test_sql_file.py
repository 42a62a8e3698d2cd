from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citus.database import sql_file
from citus.database.sql_file import SqlFile
from citus.errors import Refused

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.pure

ONE = [
    "SELECT 1",
    "SELECT 'a;b', 'it''s;'",
    'SELECT ";" FROM "a;""b"',
    "SELECT '\\'",
    "SELECT E'\\';'",
    "SELECT U&'\\0061;'",
    "SELECT $t$ ; $$ ; $t$",
    "SELECT a$b$c",
    "SELECT '{}'::jsonb #>> '{b;}'",
    "DO $$ BEGIN PERFORM 1; PERFORM 2; END $$",
    "DO $body$ BEGIN NULL; END $body$ LANGUAGE plpgsql",
    "CREATE FUNCTION f() RETURNS int AS $f$ SELECT 1; $f$ LANGUAGE sql",
    "CALL p('a;b')",
    "COMMENT ON TABLE t IS 'a;b'",
    "GRANT SELECT ON t TO r",
    "SELECT 1 /* ; /* ; */ ; */ + 1",
    "SELECT 1 -- ;\n + 1",
    "SELECT 'é;ü\u2028;'",
]


@given(st.lists(st.sampled_from(ONE)), st.sampled_from(["", ";", ";;\n", ";\n-- the end;\n"]))
def test_a_file_is_cut_at_the_semicolons_between_statements(parts: list[str], end: str) -> None:
    assert SqlFile("f.sql", "\n;\n".join(parts) + end).statements() == parts


@pytest.mark.parametrize("text", ["", ";;", "-- only a comment", "/* ; */\n"])
def test_a_file_of_nothing_has_no_statements(text: str) -> None:
    assert SqlFile("f.sql", text).statements() == []


def test_comments_before_a_statement_are_left_out() -> None:
    assert SqlFile("f.sql", "-- why; so\n/* ; */ SELECT 1;").statements() == ["SELECT 1"]


@pytest.mark.parametrize("text", ["SELECT 'a", "SELECT $$ a", '"a', "/* open"])
def test_what_is_left_open_is_refused_by_name(text: str) -> None:
    with pytest.raises(Refused, match=r"^f\.sql can't be read as SQL"):
        SqlFile("f.sql", text).statements()


def test_psqls_own_commands_are_refused_with_their_line() -> None:
    with pytest.raises(Refused, match=r"^f\.sql:2: a backslash command is psql's"):
        SqlFile("f.sql", "SELECT 1;\n\\d users").statements()


@pytest.mark.parametrize(
    "word", ["BEGIN", "start transaction", "Commit", "END", "ROLLBACK", "ABORT", "SAVEPOINT a"]
)
def test_a_file_does_not_control_its_transaction(word: str) -> None:
    with pytest.raises(Refused, match=rf"^f\.sql: {word.split(maxsplit=1)[0].upper()} stands in"):
        SqlFile("f.sql", f"SELECT 1;\n{word};").statements()


@pytest.mark.parametrize(
    "text",
    [
        *("SET search_path = other", "set local Search_Path to a, b", "SET SCHEMA 'other'"),
        *("SET ROLE admin", "SET SESSION ROLE admin"),
    ],
)
def test_a_file_does_not_set_what_is_set_before_each_statement(text: str) -> None:
    with pytest.raises(Refused, match=r"^f\.sql: SET (role|schema|search_path) would not last"):
        SqlFile("f.sql", f"SELECT 1;\n{text};").statements()


@pytest.mark.parametrize("text", ["SET lock_timeout = '1s'", "UPDATE t SET role = 'admin'"])
def test_other_settings_and_columns_of_these_names_stay(text: str) -> None:
    assert SqlFile("f.sql", text).statements() == [text]


@pytest.mark.parametrize(
    ("text", "one"),
    [
        ("SELECT 1", True),
        ("-- no-transaction\nSELECT 1", False),
        ("\n-- no-transaction: CREATE INDEX CONCURRENTLY can't\nSELECT 1", False),
        ("SELECT 1;\n-- no-transaction", True),
    ],
)
def test_only_a_first_line_opts_out_of_the_transaction(text: str, one: bool) -> None:  # noqa: FBT001
    assert SqlFile("f.sql", text).in_transaction is one


def test_a_checksum_is_of_the_text_with_unix_line_ends(tmp_path: Path) -> None:
    for name, data in {"unix.sql": b"a\nb", "dos.sql": b"a\r\nb"}.items():
        (tmp_path / name).write_bytes(data)
        file = sql_file.read(tmp_path / name)
        assert file.checksum == hashlib.sha256(b"a\nb").hexdigest()
        assert file.name == name


def test_what_cannot_be_read_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "latin.sql").write_bytes(b"SELECT '\xfc'")
    for name in ("latin.sql", "gone.sql"):
        with pytest.raises(Refused, match=rf"{name} can't be read: "):
            sql_file.read(tmp_path / name)


def test_a_body_of_standard_sql_is_one_statement() -> None:
    function = "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END"
    assert SqlFile("f.sql", function + ";").statements() == [function]


def test_a_rule_of_two_commands_is_one_statement() -> None:
    rule = "CREATE RULE r AS ON INSERT TO t DO (DELETE FROM a; DELETE FROM b)"
    assert SqlFile("f.sql", rule + ";").statements() == [rule]


def test_a_file_without_a_transaction_is_not_told_to_opt_out() -> None:
    with pytest.raises(Refused, match=r"^f\.sql: BEGIN (?!.*opts out)"):
        SqlFile("f.sql", "-- no-transaction\nBEGIN; SELECT 1; COMMIT;").statements()
