from __future__ import annotations

from typing import Any

import pytest

from bench.statements import psql_file

pytestmark = pytest.mark.pure

LEDGER = "CREATE TABLE IF NOT EXISTS citus_pulumi.migrations (…) -- the ledger"


def step(kind: str, *planned: str, op: str = "create", **inputs: Any) -> dict[str, Any]:
    kind = f"pulumi-python:dynamic/citus:{kind}"
    return {"op": op, "newState": {"type": kind, "inputs": {"planned_sql": planned, **inputs}}}


def migrations(schema: str, *planned: str) -> dict[str, Any]:
    return step("Migrations", *planned, schema=schema, owner=schema, files={"001_a.sql": "…"})


def lines(*steps: dict[str, Any]) -> list[str]:
    written = psql_file(steps, "s3cret").splitlines()
    return [line for line in written if not line.startswith("SET c")]


def test_a_statement_ends_on_a_line_of_its_own_since_its_why_is_a_comment() -> None:
    assert lines(step("Schema", "CREATE SCHEMA a -- a service's own")) == [
        "CREATE SCHEMA a -- a service's own",
        ";",
    ]


def test_the_password_stands_where_the_preview_masks_it() -> None:
    masked = "SELECT f('password=''********''') -- why"
    assert lines(step("Role", masked))[0] == "SELECT f('password=''s3cret''') -- why"


def test_a_file_is_one_transaction_as_its_owner_with_its_row_in_the_ledger() -> None:
    made = "CREATE TABLE a (…) -- 001_a.sql"
    row = "INSERT INTO citus_pulumi.migrations (…) -- 001_a.sql is applied"
    assert lines(migrations("Shop", LEDGER, made, row)) == [
        LEDGER,
        ";",
        "BEGIN;",
        'SET LOCAL search_path = "Shop", public;',
        'SET LOCAL ROLE "Shop";',
        made,
        ";",
        "SET LOCAL ROLE NONE;",
        row,
        ";",
        "COMMIT;",
    ]


def test_the_ledger_is_made_once() -> None:
    """And every table as often as it is made: two services may have the same."""
    table = "CREATE TABLE things ()"
    written = lines(migrations("a", LEDGER, table), migrations("b", LEDGER, table))
    assert written.count(LEDGER) == 1
    assert written.count(table) == written.count("BEGIN;") == written.count("COMMIT;") == 2


def test_what_is_made_with_the_server_or_is_no_sql_is_left_out() -> None:
    assert not lines(
        step("Extension", "CREATE EXTENSION citus"),
        step("Schema", "CREATE SCHEMA a", op="same"),
        {"op": "create", "newState": {"type": "pulumi:pulumi:Stack"}},
        {"op": "create"},
    )
