"""The user service in this process, on a real PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from services.runtime.settings import Settings
from services.user import store
from services.user.app import create_app

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from tests.live.services.postgres import Server

pytestmark = pytest.mark.live


def users(count: int, start: int = 1) -> list[dict[str, str]]:
    return [{"name": f"n{i}", "email": f"e{i}"} for i in range(start, start + count)]


def stored(server: Server) -> list[tuple[object, ...]]:
    with server.connect("user_service") as connection:
        return connection.execute("SELECT id, name, email FROM users ORDER BY id").fetchall()


def test_ten_users_as_in_the_tutorial(client: FlaskClient) -> None:
    response = client.post("/users", json=users(10))
    assert response.status_code == 201
    assert response.get_data(as_text=True) == (
        '{"message":"Users created successfully","user_ids":[1,2,3,4,5,6,7,8,9,10]}\n'
    )
    response = client.get("/users")
    assert (response.status_code, response.mimetype) == (200, "application/json")
    assert response.get_data().startswith(b'[{"id":1,"name":"n1","email":"e1"},{"id":2,')
    assert response.json == [{"id": i, **user} for i, user in enumerate(users(10), 1)]


def test_an_empty_table_is_an_empty_list(client: FlaskClient) -> None:
    assert client.get("/users").get_data(as_text=True) == "[]\n"


def test_a_thousand_ids_come_in_the_order_given(client: FlaskClient, server: Server) -> None:
    ids = client.post("/users", json=users(1000)[::-1]).json["user_ids"]  # type: ignore[index]
    given = [(user["name"], user["email"]) for user in users(1000)[::-1]]
    assert stored(server) == [(i, *user) for i, user in zip(ids, given, strict=True)]


@pytest.mark.parametrize(
    "name", ["😀" * 255, "Zoë", "a'; DROP TABLE users; --", "%s", "{}", '\\"', "a\u2028b", "\t."]
)
def test_text_comes_back_as_it_went(client: FlaskClient, name: str) -> None:
    client.post("/users", json=[{"name": name, "email": name}])
    assert client.get("/users").json == [{"id": 1, "name": name, "email": name}]


def test_a_list_longer_than_a_batch_is_whole(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.post("/users", json=users(10))
    for batch in (1, 3, 5, 10, 11):
        monkeypatch.setattr(store, "_BATCH", batch)
        assert [user["id"] for user in client.get("/users").json or ()] == list(range(1, 11))


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("limit=3", [1, 2, 3]),
        ("after=3", [4, 5, 6, 7]),
        ("after=3&limit=2", [4, 5]),
        ("after=3&limit=100", [4, 5, 6, 7]),
        ("limit=4", [1, 2, 3, 4]),
        ("after=7", []),
        (f"after={2**63 - 1}&limit={2**63 - 1}", []),
    ],
)
def test_pages(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, query: str, ids: list[int]
) -> None:
    monkeypatch.setattr(store, "_BATCH", 2)
    client.post("/users", json=users(7))
    assert [user["id"] for user in client.get(f"/users?{query}").json or ()] == ids


@pytest.mark.parametrize(
    ("sent", "status", "sentence"),
    [
        ({"json": [*users(3), {"name": "Bob"}]}, 400, "users[3].email: missing"),
        ({"json": [{"name": "a\0", "email": "b"}]}, 400, "users[0].name: holds a NUL character"),
        ({"data": b"{", "content_type": "application/json"}, 400, "body: not JSON"),
        ({"data": b"[]"}, 415, "send Content-Type: application/json"),
        ({"json": ["x" * 2**23]}, 413, "The data value transmitted exceeds the capacity limit."),
    ],
    ids=["field", "nul", "no json", "content type", "too large"],
)
def test_a_bad_post_stores_nothing(
    client: FlaskClient, server: Server, sent: Any, status: int, sentence: str
) -> None:
    response = client.post("/users", **sent)
    assert (response.status_code, response.json) == (status, {"error": sentence})
    assert stored(server) == []


def test_a_bad_page(client: FlaskClient) -> None:
    response = client.get("/users?limit=0")
    assert response.status_code == 400
    assert response.json == {"error": "limit: expected a whole number from 1"}


def test_a_body_of_the_largest_legal_size_fits(client: FlaskClient) -> None:
    """1,000 users whose every character is two escapes of six bytes."""
    body = "[" + ",".join(['{"name":"%s","email":"%s"}' % (("\\ud83d\\ude00" * 255,) * 2)] * 1000)
    response = client.post("/users", data=body + "]", content_type="application/json")
    assert response.status_code == 201


def test_all_or_nothing(client: FlaskClient, server: Server) -> None:
    """The database refuses one row of many: none is stored, and the client is told little."""
    with server.connect("user_service") as connection:
        connection.execute("ALTER TABLE users ADD CONSTRAINT picky CHECK (name <> 'n7')")
        try:
            response = client.post("/users", json=users(10))
        finally:
            connection.execute("ALTER TABLE users DROP CONSTRAINT picky")
    assert (response.status_code, response.json) == (500, {"error": "internal error"})
    assert stored(server) == []
    assert client.post("/users", json=users(2)).status_code == 201


def test_no_permission_is_a_500_logged_once(
    client: FlaskClient, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    with server.connect() as connection:
        connection.execute("REVOKE SELECT ON user_service.users FROM user_service")
        try:
            response = client.get("/users")
        finally:
            connection.execute("GRANT SELECT ON user_service.users TO user_service")
    assert (response.status_code, response.json) == (500, {"error": "internal error"})
    [record] = [record for record in caplog.records if record.exc_info]
    assert "permission denied for table users" in caplog.text
    assert record.levelname == "ERROR"


def test_a_statement_has_a_time_limit(server: Server) -> None:
    app = create_app(Settings.from_environment({**server.environ(), "STATEMENT_TIMEOUT": "0.3"}))
    with server.connect() as connection, connection.transaction():
        connection.execute("LOCK TABLE user_service.users")
        response = app.test_client().get("/users")
    app.extensions["pool"].close()
    assert response.status_code == 503
