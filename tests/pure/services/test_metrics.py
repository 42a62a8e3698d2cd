from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import pytest
from flask import Flask, Response
from psycopg_pool import PoolTimeout

from services.runtime import request_id
from services.runtime.errors import register_errors
from services.runtime.metrics import Metrics, exposition
from services.runtime.observation import observe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient

pytestmark = pytest.mark.pure


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def client(metrics: Metrics) -> FlaskClient:
    """Give a client of an app with some routes."""
    app = Flask(__name__, static_folder=None)
    observe(app, metrics)
    app.register_blueprint(exposition(metrics.registry, lambda: None))
    register_errors(app)

    @app.get("/items/<int:number>")
    def item(number: int) -> dict[str, object]:
        return {"number": number, "id": request_id.CURRENT.get()}

    @app.get("/bug")
    def bug() -> NoReturn:
        raise RuntimeError("a bug")

    @app.get("/away")
    def away() -> NoReturn:
        raise PoolTimeout("no connection")

    @app.get("/stream")
    def stream() -> Response:
        def pieces() -> Iterator[str]:
            yield request_id.CURRENT.get()
            yield request_id.CURRENT.get()

        return Response(pieces())

    return app.test_client()


def count(metrics: Metrics, method: str, route: str, status: int) -> float | None:
    labels = {"method": method, "route": route, "status": str(status)}
    return metrics.registry.get_sample_value("http_requests_total", labels)


@pytest.mark.parametrize(
    ("method", "path", "counted"),
    [
        ("GET", "/items/1", ("GET", "/items/<int:number>", 200)),
        ("HEAD", "/items/1", ("HEAD", "/items/<int:number>", 200)),
        ("OPTIONS", "/items/1", ("OPTIONS", "/items/<int:number>", 200)),
        ("GET", "/items/x", ("GET", "none", 404)),
        ("GET", "/" + "x" * 1000, ("GET", "none", 404)),
        ("DELETE", "/items/1", ("DELETE", "none", 405)),
        ("BREW", "/items/1", ("other", "none", 405)),
        ("GET", "/bug", ("GET", "/bug", 500)),
        ("GET", "/away", ("GET", "/away", 503)),
        ("GET", "/stream", ("GET", "/stream", 200)),
    ],
)
def test_a_request_is_counted_once_by_its_route(
    client: FlaskClient, metrics: Metrics, method: str, path: str, counted: tuple[str, str, int]
) -> None:
    client.open(path, method=method, buffered=True)
    assert count(metrics, *counted) == 1
    [family] = [f for f in metrics.registry.collect() if f.name == "http_requests"]
    assert sum(s.value for s in family.samples if s.name == "http_requests_total") == 1
    seconds = {"method": counted[0], "route": counted[1]}
    assert metrics.registry.get_sample_value("http_request_duration_seconds_count", seconds) == 1


def test_clients_cannot_make_series(client: FlaskClient, metrics: Metrics) -> None:
    """A thousand paths, methods and ids are one series of four labels, like one of them."""
    for number in range(1000):
        client.open(
            f"/{number}", method=f"M{number}", headers={"X-Request-ID": str(number)}, buffered=True
        )
    [family] = [f for f in metrics.registry.collect() if f.name == "http_requests"]
    assert len([s for s in family.samples if s.name == "http_requests_total"]) == 1
    assert count(metrics, "other", "none", 404) == 1000


def test_they_are_read_as_prometheus_reads_them(client: FlaskClient) -> None:
    client.get("/items/1", buffered=True)
    response = client.get("/metrics")
    assert response.content_type.startswith("text/plain; version=")
    labels = 'method="GET",route="/items/<int:number>",status="200"'
    assert f"http_requests_total{{{labels}}} 1.0\n" in response.text


@pytest.mark.parametrize("path", ["/items/1", "/nowhere", "/bug", "/away", "/stream", "/metrics"])
def test_each_answer_has_the_id_that_was_sent(client: FlaskClient, path: str) -> None:
    response = client.get(path, headers={"X-Request-ID": "abc-1"}, buffered=True)
    assert response.headers.getlist("X-Request-ID") == ["abc-1"]


def test_an_id_that_is_not_sane_is_not_sent_back(client: FlaskClient) -> None:
    response = client.get("/items/1", headers={"X-Request-ID": "a b"}, buffered=True)
    made = response.headers["X-Request-ID"]
    assert len(made) == 32
    assert response.json == {"number": 1, "id": made}


def test_the_id_lasts_as_long_as_the_answer(client: FlaskClient) -> None:
    response = client.get("/stream", headers={"X-Request-ID": "abc"}, buffered=True)
    assert response.text == "abcabc"
    assert request_id.CURRENT.get() == ""
