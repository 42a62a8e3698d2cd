"""Creates that were begun go out of the state; everything else stays."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tools.cli import pending

pytestmark = pytest.mark.pure

BEGUN = {"resource": {"urn": "urn:pulumi:dev::citus::t$u::worker-1"}, "type": "creating"}
OTHER = {"resource": {"urn": "urn:pulumi:dev::citus::t$u::worker-2"}, "type": "updating"}


@pytest.mark.parametrize(
    ("operations", "names", "kept"),
    [
        (None, [], []),
        ([], [], []),
        ([OTHER], [], [OTHER]),
        ([BEGUN, OTHER], ["worker-1"], [OTHER]),
    ],
    ids=["none recorded", "none left", "an update", "a create and an update"],
)
def test_only_begun_creates_go(operations: Any, names: list[str], kept: list[Any]) -> None:
    deployment = {"resources": ["r"], "pending_operations": operations}
    assert pending.creating(deployment) == names
    expected = {"resources": ["r"], "pending_operations": kept}
    assert pending.without_creating(deployment) == expected


def test_an_empty_state_has_none() -> None:
    assert pending.creating({}) == []


def test_clearing_is_an_export_and_an_import() -> None:
    calls: list[tuple[str, ...]] = []
    imported: list[Any] = []

    def pulumi(*command: str, given: str = "") -> str:
        calls.append(command)
        if given:
            imported.append(json.loads(given))
        return json.dumps({"version": 3, "deployment": {"pending_operations": [BEGUN]}})

    pending.clear(pulumi, "dev")
    assert calls == [
        ("stack", "export", "--stack", "dev"),
        ("stack", "import", "--stack", "dev"),
    ]
    assert imported == [{"version": 3, "deployment": {"pending_operations": []}}]
