"""Wrong settings: one sentence in the preview, which names the key; no traceback."""

from __future__ import annotations

import socket

import pytest

from tests.up.stack import Stack

pytestmark = pytest.mark.up

WRONG = [
    ("workers", "three", "key 'workers' must be of type 'integer'"),  # Pulumi's own sentence
    ("workers", "0", "citus:workers is 0, which is less than 1"),
    ("platform", "azure", "citus:platform is azure, which is none of: local"),
]
MORE = [
    ("workers", "-1", "citus:workers is -1, which is less than 1"),
    ("workers", "100000", "citus:workers is 100000, which is more than"),
    ("basePort", "80", "citus:basePort is 80, which is less than 1024"),
    ("postgresBin", "/nowhere", "citus:postgresBin is /nowhere, which holds no PostgreSQL"),
]


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [*WRONG, *(pytest.param(*row, marks=pytest.mark.long) for row in MORE)],
    ids=lambda v: str(v)[:20],
)
def test_a_wrong_setting_is_refused(fresh: Stack, key: str, value: str, sentence: str) -> None:
    fresh.config(key, value)
    refused = fresh.make("preview", check=False)
    assert refused.code != 0
    assert [sentence in error for error in refused.errors] == [True]
    assert "Traceback" not in refused.text


@pytest.mark.parametrize(("offset", "key"), [(0, "basePort"), (8, "serviceBasePort")])
def test_a_port_of_another_process_is_refused_with_its_name(
    fresh: Stack, offset: int, key: str
) -> None:
    port = fresh.base_port + offset
    with socket.create_server(("127.0.0.1", port)):
        refused = fresh.make("preview", check=False)
    assert refused.code != 0
    assert f"the port {port} of " in refused.text
    assert "is in use by " in refused.text
    assert f"bin/pulumi config set {key}" in refused.text
    assert "Traceback" not in refused.text
