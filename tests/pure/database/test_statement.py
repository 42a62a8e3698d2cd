from __future__ import annotations

import psycopg.sql
import pytest
import sqlglot
from hypothesis import given
from hypothesis import strategies as st

from citus.database.statement import (
    MASK,
    Identifier,
    Password,
    Statement,
    Verifier,
    identifier,
    literal,
    render,
)
from citus.errors import Refused
from citus.properties import KNOWN_AFTER_UP

pytestmark = pytest.mark.pure

texts = st.text(st.characters(exclude_characters="\0", codec="utf-8"))


@given(texts)
def test_a_literal_is_libpqs(text: str) -> None:
    assert literal(text) == psycopg.sql.Literal(text).as_string(None).strip()


@given(texts.filter(bool))
def test_a_quoted_name_is_libpqs(name: str) -> None:
    quoted = identifier(name)
    assert quoted in (name, psycopg.sql.Identifier(name).as_string(None))


@given(texts.filter(bool))
def test_a_name_stays_one_token_of_that_text(name: str) -> None:
    tokens = sqlglot.tokenize(identifier(name), read="postgres")
    assert [token.text for token in tokens] == [name]


@pytest.mark.parametrize(
    ("name", "quoted"),
    [
        ("user_service", "user_service"),
        ("_a1", "_a1"),
        ("User", '"User"'),
        ("1a", '"1a"'),
        ("user", '"user"'),
        ("order", '"order"'),
        ("left", '"left"'),
        ("time", "time"),
        ("a-b", '"a-b"'),
        ("über", '"über"'),
        ('a"b', '"a""b"'),
        ("a\n", '"a\n"'),
        ("", '""'),
    ],
)
def test_a_name_is_quoted_where_it_must_be(name: str, quoted: str) -> None:
    assert identifier(name) == quoted


@pytest.mark.parametrize(
    ("value", "sql"),
    [(True, "true"), (False, "false"), (-1, "-1"), ("it's", "'it''s'"), ("\\", r"E'\\'")],
)
def test_values_are_sql_literals(value: str | int, sql: str) -> None:
    assert literal(value) == sql


def test_a_nul_is_refused_in_a_sentence() -> None:
    for quote in (literal, identifier):
        with pytest.raises(Refused, match="NUL"):
            quote("a\0b")


def test_what_is_unknown_yet_is_not_quoted() -> None:
    statement = Statement(
        "SELECT f({a}) FROM {b}", {"a": KNOWN_AFTER_UP, "b": Identifier(KNOWN_AFTER_UP)}
    )
    assert statement.planned() == "SELECT f(<known after up>) FROM <known after up>"


def test_values_are_not_looked_into_for_names() -> None:
    statement = Statement("SELECT {a}, {b}", {"a": "{b}", "b": "x"})
    assert statement.planned() == "SELECT '{b}', 'x'"


def test_a_text_without_values_is_left_as_it_is() -> None:
    assert Statement("SELECT '{a}'").planned() == "SELECT '{a}'"


def test_a_statement_in_a_statement_is_quoted_as_one() -> None:
    inner = Statement("SELECT {a}", {"a": "it's"})
    assert render(Statement("f({c})", {"c": inner}), str) == "f('SELECT ''it''''s''')"


@pytest.mark.parametrize(
    ("statement", "shown"),
    [
        (Statement("SELECT 1", why="a reason"), "SELECT 1 -- a reason"),
        (Statement("SELECT 1"), "SELECT 1"),
        (Statement("SELECT\n1", why="a reason"), "-- a reason\nSELECT\n1"),
        (Statement("DROP", why="rows go", destroys_data=True), "DROP -- DESTROYS DATA: rows go"),
        (Statement("DROP", destroys_data=True), "DROP -- DESTROYS DATA: "),
    ],
)
def test_a_preview_shows_sql_reason_and_marker(statement: Statement, shown: str) -> None:
    assert statement.planned() == shown


def secret_statement(text: str) -> Statement:
    inner = Statement("SET {p}", {"p": Password(text, before="password=")})
    return Statement("ALTER {v}; f({c})", {"v": Verifier(text, "me"), "c": inner})


@given(st.text("abcXYZ059!#$%&()*+,-./:;<=>?@[]^_`{|}~", min_size=12))
def test_no_secret_is_in_a_preview_or_a_repr(text: str) -> None:
    statement = secret_statement(text)
    assert statement.planned() == f"ALTER '{MASK}'; f('SET ''password={MASK}''')"
    assert text not in repr(statement)
    assert text in render(statement, lambda secret: secret.text)


@given(st.text("abcXYZ059!#$%&()*+,-./:;<=>?@[]^_`{|}~", min_size=12))
def test_what_a_server_says_is_masked(text: str) -> None:
    said = secret_statement(text).redact(f'ERROR: near "password={text}": {text}')
    assert said == f'ERROR: near "password={MASK}": {MASK}'


def test_an_empty_secret_masks_nothing() -> None:
    assert secret_statement("").redact("ERROR") == "ERROR"


def test_it_knows_whether_it_holds_a_secret() -> None:
    assert secret_statement("x").holds_secret
    assert Statement("{c}", {"c": secret_statement("x")}).holds_secret
    assert not Statement("SELECT {a}", {"a": "x"}).holds_secret
