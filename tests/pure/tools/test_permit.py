"""Which permits to lose data a run asks for, and which do nothing."""

from __future__ import annotations

from typing import Any

import pytest

from citus.database import permit as program
from tools.stack import permit

pytestmark = pytest.mark.pure

ONE, TWO = "p5f0c1b9ae27d", "p0123456789ab"


def asking(digest: str) -> list[str]:
    return ["DROP SCHEMA ads CASCADE -- DESTROYS DATA: ads goes", program.request(digest)]


def update(digest: str, op: str = "update") -> dict[str, Any]:
    return {
        "op": op,
        "oldState": {"inputs": {"planned_sql": [], "delete_sql": asking(TWO)}},
        "newState": {"inputs": {"planned_sql": asking(digest), "delete_sql": asking(TWO)}},
    }


def delete(digest: str) -> dict[str, Any]:
    return {"op": "delete", "oldState": {"inputs": {"delete_sql": asking(digest)}}}


@pytest.mark.parametrize(
    ("stack", "expected"),
    [
        ({}, []),
        ({"config": None}, []),
        ({"config": {}}, []),
        ({"config": {"citus:allowDataLoss": ""}}, []),
        ({"config": {"citus:allowDataLoss": ONE}}, [ONE]),
        ({"config": {"citus:allowDataLoss": f" {ONE},{TWO} "}}, [ONE, TWO]),
        ({"config": {"citus:allowDataLoss": f"{ONE} {TWO}"}}, [ONE, TWO]),
        ({"config": {"other:allowDataLoss": ONE}}, []),
    ],
    ids=["no config", "empty config", "no key", "empty", "one", "two", "by a space", "another's"],
)
def test_permits_are_read_from_the_stacks_file(stack: dict[str, Any], expected: list[str]) -> None:
    assert permit.configured(stack) == expected


def test_the_provider_reads_the_same_key_in_the_same_way() -> None:
    assert permit.KEY == program.ALLOW_DATA_LOSS
    text = f" {ONE},,{TWO}\n"
    assert permit.configured({"config": {f"citus:{permit.KEY}": text}}) == [*program.permits(text)]


@pytest.mark.parametrize(
    ("steps", "useless"),
    [
        ([update(ONE)], []),
        ([update(ONE, "create")], []),
        ([delete(ONE)], []),
        ([update(TWO)], [ONE]),
        ([delete(TWO)], [ONE]),
        ([update(ONE, "same")], [ONE]),
        ([update(ONE, "read")], [ONE]),
        ([{"op": "same", "newState": {"inputs": {"planned_sql": []}}}], [ONE]),
        ([{"op": "create", "newState": {"type": "pulumi:pulumi:Stack"}}], [ONE]),
        ([{"op": "delete", "oldState": None}], [ONE]),
        ([], [ONE]),
    ],
    ids=[
        "an update asks",
        "a create asks",
        "a removal asks",
        "an update asks for another",
        "a removal asks for another",
        "nothing is done",
        "it is only read",
        "nothing was planned",
        "a resource without inputs",
        "a resource without a state",
        "no steps",
    ],
)
def test_a_permit_that_no_step_asks_for_is_useless(
    steps: list[dict[str, Any]], useless: list[str]
) -> None:
    assert permit.unused([ONE], {"steps": steps}) == useless


def test_what_an_update_would_do_later_is_not_asked_for_now() -> None:
    """The policy's statements are among the inputs of an update too."""
    assert permit.unused([ONE, TWO], {"steps": [update(ONE)]}) == [TWO]


def test_a_preview_without_steps_asks_for_nothing() -> None:
    assert permit.unused([ONE], {}) == [ONE]
    assert permit.unused([], {"steps": [update(ONE)]}) == []


def test_only_the_request_asks_not_sql_that_looks_like_it() -> None:
    sql = [f"SELECT 'config set allowDataLoss {ONE}' -- a trap"]
    step = {"op": "update", "newState": {"inputs": {"planned_sql": sql}}}
    assert permit.unused([ONE], {"steps": [step]}) == [ONE]
