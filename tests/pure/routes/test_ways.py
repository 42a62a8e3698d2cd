"""What libpq is told where no API is in between."""

from __future__ import annotations

import sys

import pytest
from pulumi.dynamic import Config, ConfigureRequest

from citus.database.extension import ExtensionProvider
from citus.endpoint import Endpoint
from citus.lifeline import LIFELINE
from citus.routes.ways import WAYS, Ways

pytestmark = pytest.mark.pure


def test_a_direct_way_is_the_endpoint_itself() -> None:
    direct = Endpoint("10.0.0.7", 5432, "db", "me", "pw")
    assert Ways().keywords(direct) == {"host": "10.0.0.7", "port": 5432, "connect_timeout": 5}
    assert Ways().failure(direct, since=0) is None


def test_tls_needs_the_password_to_be_proven_and_no_authority() -> None:
    sealed = Ways().keywords(Endpoint("10.0.0.7", 5432, "db", "me", "pw", tls=True))
    assert (sealed["sslmode"], sealed["channel_binding"]) == ("require", "require")


@pytest.mark.parametrize(
    ("config", "context"),
    [({}, ""), ({"citus:kubeContext": "far-away"}, "far-away")],
    ids=["the current one", "one of its own"],
)
def test_the_context_is_the_run_s(
    monkeypatch: pytest.MonkeyPatch, config: dict[str, str], context: str
) -> None:
    monkeypatch.setattr(LIFELINE, "watch", lambda: None)
    monkeypatch.setattr(sys, "tracebacklimit", 0, raising=False)  # which it sets
    monkeypatch.setattr(WAYS, "context", "another")
    ExtensionProvider().configure(ConfigureRequest(Config(config, "citus")))
    assert WAYS.context == context
