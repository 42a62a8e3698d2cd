"""What a kind tracks, and how two of a kind differ."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from citus.database import tracked
from citus.database.migrations import MigrationsSpec
from citus.database.tracked import DROP, RETAIN
from tests.pure.database.specs import ENDPOINT, members, role, schema, table, worker, workers

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (schema(), schema(), []),
        (schema(), schema("postgres"), [("owner", "postgres")]),
        (
            schema(),
            schema("postgres", distributed=False),
            [("owner", "postgres"), ("distributed", False)],
        ),
        (schema(), replace(schema(), endpoint=replace(ENDPOINT, port=1)), []),
        (role(), role(password="theirs"), [("password", "another")]),
        (role(), role(password=None), [("password", "another")]),
        (table(), table(rewrite_loses=("a comment",)), [("rewrite_loses", ("a comment",))]),
        (table(), table(shard_count=8, rewrite_loses=("a comment",)), [("shard_count", 8)]),
        (
            members(workers(0, 1)),
            replace(members({**workers(0), "worker-2": worker(2, active=False)}), seen=False),
            [("worker-1", "gone"), ("worker-2", worker(2, active=False))],
        ),
        (
            None,
            role(["worker-0:5432"]),
            [
                ("name", "user_service"),
                ("nodes", ("worker-0:5432",)),
                ("login", True),
                ("connection_limit", -1),
                ("password", "another"),
                ("on_delete", RETAIN),
            ],
        ),
    ],
    ids=[
        "none",
        "one",
        "two",
        "where it is",
        "a secret",
        "a secret that is gone",
        "what is only observed",
        "what is declared before what is only observed",
        "entries, and not whether somebody looked",
        "all, where nothing was",
    ],
)
def test_differences(one: Any, other: Any, expected: list[tuple[str, object]]) -> None:
    assert tracked.differences(one, other) == expected


def test_a_kind_without_policies_retains() -> None:
    migrations = MigrationsSpec(ENDPOINT, "ads", "ads", "sql/ads", {})
    assert tracked.policy(migrations) == RETAIN
    assert tracked.policy(schema(on_delete=DROP)) == DROP
