"""How a stack's state says that its coordinator is reached."""

from __future__ import annotations

from typing import Any

import pytest

from tools.cli import recorded

pytestmark = pytest.mark.pure

ROUTE = "kubernetes:citus-prod/coordinator-0"


def tracked(kind: str, **endpoint: Any) -> dict[str, Any]:
    secret = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
    inputs = {"endpoint": {"host": "coordinator", "password": secret, **endpoint}}
    return {"type": f"pulumi-python:dynamic/citus:{kind}", "inputs": inputs}


@pytest.mark.parametrize(
    ("resources", "route"),
    [
        (None, None),
        ([{"type": "pulumi:pulumi:Stack"}], None),
        ([tracked("Extension"), tracked("Membership")], None),
        ([tracked("Extension", route=ROUTE, tls=True)], ROUTE),
        ([{"type": "pulumi:pulumi:Stack"}, tracked("Membership", route=ROUTE)], ROUTE),
        ([{"type": "pulumi-python:dynamic/citus:Extension"}], None),
    ],
    ids=["no state", "nothing tracked", "direct", "extension", "members alone", "half made"],
)
def test_the_route_to_the_coordinator(
    resources: list[dict[str, Any]] | None, route: str | None
) -> None:
    assert recorded.route({"resources": resources}) == route


def test_the_endpoint_is_read_with_its_password_where_that_was_exported() -> None:
    endpoint = tracked("Extension", port=15432)
    endpoint["inputs"]["endpoint"]["password"]["plaintext"] = '"a \\"secret\\""'
    assert recorded.endpoint({"resources": [endpoint]}) == {
        "host": "coordinator",
        "password": 'a "secret"',
        "port": 15432,
    }
    assert recorded.endpoint({"resources": [{"type": "pulumi:pulumi:Stack"}]}) is None
