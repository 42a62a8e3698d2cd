from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest
from flask import Flask, abort, redirect
from psycopg import errors
from psycopg_pool import PoolTimeout

from services.runtime.errors import register_errors
from services.runtime.health import health
from services.runtime.json_input import Invalid
from services.user.app import _json_list

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

pytestmark = pytest.mark.pure

SERVICES = Path(__file__).parents[3] / "services"


def app_that_raises(error: Exception) -> Flask:
    """Return an app whose only route, GET, raises *error*; so does its readiness."""
    app = Flask(__name__)
    register_errors(app)

    @app.get("/")
    def route() -> NoReturn:
        raise error

    @app.get("/teapot")
    def teapot() -> NoReturn:
        abort(418)

    @app.get("/away")
    def away() -> Response:
        return redirect("/")

    app.register_blueprint(health(route))
    return app


@pytest.mark.parametrize(
    ("error", "status", "sentence"),
    [
        (PoolTimeout("no connection"), 503, "the database doesn't answer"),
        (errors.AdminShutdown("restart"), 503, "the database doesn't answer"),
        (errors.ConnectionFailure("to a worker"), 503, "the database doesn't answer"),
        (errors.TooManyConnections("full"), 503, "the database doesn't answer"),
        (errors.QueryCanceled("too long"), 503, "the database doesn't answer"),
        (errors.ReadOnlySqlTransaction("standby"), 503, "the database doesn't answer"),
        (errors.InsufficientPrivilege("permission denied"), 500, "internal error"),
        (errors.UndefinedTable("no users"), 500, "internal error"),
        (RuntimeError("a bug"), 500, "internal error"),
        (Invalid("host: missing"), 400, "host: missing"),
    ],
)
def test_an_error_shows_nothing_of_the_inside(error: Exception, status: int, sentence: str) -> None:
    response = app_that_raises(error).test_client().get("/")
    assert (response.status_code, response.json) == (status, {"error": sentence})
    assert ("Retry-After" in response.headers) == (status == 503)


def test_a_bug_is_logged_once_with_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    app_that_raises(RuntimeError("a bug")).test_client().get("/")
    [record] = caplog.records
    assert record.exc_info
    assert "RuntimeError: a bug" in caplog.text


def test_a_database_that_is_away_is_logged_in_one_line(caplog: pytest.LogCaptureFixture) -> None:
    app_that_raises(PoolTimeout("two\nlines")).test_client().get("/")
    [record] = caplog.records
    assert (record.levelname, record.exc_info) == ("WARNING", None)
    assert record.getMessage() == "the database is away: two lines"


def test_an_unknown_address() -> None:
    response = app_that_raises(RuntimeError()).test_client().get("/nowhere")
    assert (response.status_code, response.json) == (404, {"error": "no such address"})


def test_a_wrong_method_says_which_are_right() -> None:
    response = app_that_raises(RuntimeError()).test_client().post("/")
    assert response.status_code == 405
    assert response.json == {"error": "this address takes GET, HEAD, OPTIONS only"}
    assert "GET" in response.headers["Allow"]


def test_any_other_http_error_is_json_too() -> None:
    response = app_that_raises(RuntimeError()).test_client().get("/teapot")
    assert response.status_code == 418
    assert list(response.json or {}) == ["error"]


def test_a_redirect_stays_one() -> None:
    response = app_that_raises(RuntimeError()).test_client().get("/away")
    assert (response.status_code, response.headers["Location"]) == (302, "/")


def test_health_does_not_ask_the_database() -> None:
    client = app_that_raises(PoolTimeout("down")).test_client()
    assert (client.get("/healthz").status_code, client.get("/readyz").status_code) == (200, 503)


@pytest.mark.parametrize("sizes", [[0], [1], [2, 1], [2, 2, 0]])
def test_batches_make_one_list(sizes: list[int]) -> None:
    batches = [[{"id": size}] * size for size in sizes]
    text = "".join(_json_list(batches))
    assert json.loads(text) == [row for batch in batches for row in batch]
    assert " " not in text


@pytest.mark.parametrize(
    "file",
    sorted(SERVICES.glob("*/*.py")),
    ids=lambda file: f"{file.parent.name}/{file.name}",
)
def test_a_service_imports_neither_pulumi_nor_the_program(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    modules = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
    assert not {module.split(".")[0] for module in modules} & {"pulumi", "citus", "sql"}
