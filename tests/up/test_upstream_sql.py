"""Upstream's own SQL, by a plain driver: schema-based sharding needs no change of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.up.stack import Stack

pytestmark = pytest.mark.up


@pytest.fixture
def login(stack: Stack) -> Iterator[Any]:
    """Log in as a service does: by its role's URL, and nothing else said."""
    opened: list[psycopg.Connection[Any]] = []

    def log_in(role: str) -> psycopg.Connection[Any]:
        opened.append(psycopg.connect(stack.outputs()["databaseUrls"][role]))
        return opened[-1]

    yield log_in
    for connection in opened:
        connection.close()


def test_users_are_inserted_one_by_one_and_listed(login: Any) -> None:
    session = login("user_service")
    ids = []
    for name in ("one", "two"):
        cursor = session.execute(
            "INSERT INTO users (name, email) VALUES (%s, %s) RETURNING id", (name, "a@example.com")
        )
        ids.append(cursor.fetchone()[0])
    session.commit()
    assert ids[1] > ids[0]
    rows = session.execute("SELECT * FROM users").fetchall()
    assert {row[1] for row in rows} >= {"one", "two"}
    session.execute("DELETE FROM users WHERE id = ANY(%s)", (ids,))
    session.commit()


def test_a_query_is_noted_with_its_address_and_time(login: Any) -> None:
    session, now = login("time_service"), dt.datetime(2023, 12, 25, 6, 19, 28)  # noqa: DTZ001
    session.execute(
        "INSERT INTO query_details (ip_address, query_time) VALUES (%s, %s)", ("192.168.65.1", now)
    )
    found = session.execute(
        "SELECT query_time FROM query_details WHERE ip_address = '192.168.65.1'"
    )
    assert found.fetchall() == [(now,)]
    session.rollback()


def test_a_ping_is_noted_with_its_output(login: Any) -> None:
    session = login("ping_service")
    session.execute(
        "INSERT INTO ping_results (host, result) VALUES (%s, %s)", ("example.com", "PING …\n")
    )
    assert ("example.com", "PING …\n") in session.execute(
        "SELECT host, result FROM ping_results"
    ).fetchall()
    session.rollback()
