"""The digest by which a user permits one plan to lose data."""

from __future__ import annotations

import re
import sys
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi.dynamic import Config, ConfigureRequest

from citus.database import permit
from citus.database.schema import SchemaProvider
from citus.lifeline import LIFELINE
from tests.pure.database.specs import ENDPOINT

pytestmark = pytest.mark.pure

TITLE, PLAN = "schema ads", ["SELECT 1", "DROP SCHEMA ads CASCADE -- DESTROYS DATA: ads goes"]
ONE = permit.digest(ENDPOINT, TITLE, PLAN)
texts = st.text(max_size=12)


def test_a_digest_is_a_word_that_nothing_takes_for_a_number() -> None:
    assert re.fullmatch(r"p[0-9a-f]{12}", ONE)


def test_the_same_plan_has_the_same_digest_in_every_release() -> None:
    """A permit that stands in a stack's file must not lapse by an upgrade."""
    assert permit.digest(ENDPOINT, TITLE, list(PLAN)) == ONE == "p2ee0b6423e30"


@pytest.mark.parametrize(
    "other",
    [
        permit.digest(replace(ENDPOINT, host="db.example.org"), TITLE, PLAN),
        permit.digest(replace(ENDPOINT, port=1), TITLE, PLAN),
        permit.digest(replace(ENDPOINT, database="other"), TITLE, PLAN),
        permit.digest(ENDPOINT, "schema ads2", PLAN),
        permit.digest(ENDPOINT, TITLE, PLAN[:1]),
        permit.digest(ENDPOINT, TITLE, PLAN[::-1]),
        permit.digest(ENDPOINT, TITLE, [*PLAN, "SELECT 2"]),
        permit.digest(ENDPOINT, TITLE, ["".join(PLAN)]),
        permit.digest(ENDPOINT, "schema", [" ads", *PLAN]),
    ],
    ids=[
        "host",
        "port",
        "database",
        "object",
        "less",
        "another order",
        "more",
        "run together",
        "cut elsewhere",
    ],
)
def test_anything_else_has_another_digest(other: str) -> None:
    assert other != ONE


def test_how_the_cluster_is_entered_is_no_part_of_it() -> None:
    """A new password takes back no permit."""
    entered = replace(ENDPOINT, user="admin", password="another one")
    assert permit.digest(entered, TITLE, PLAN) == ONE


def test_the_request_is_no_part_of_what_it_asks_for() -> None:
    shown = [*PLAN, permit.request(ONE)]
    assert permit.statements(shown) == PLAN
    assert permit.digest(ENDPOINT, TITLE, shown) == ONE


def test_the_request_holds_the_line_to_paste() -> None:
    assert permit.request(ONE) == (
        f"-- refused unless permitted: bin/pulumi config set allowDataLoss {ONE}"
    )


def test_a_permit_that_is_there_stays_in_the_line_to_paste() -> None:
    line = "bin/pulumi config set allowDataLoss aa,bb"
    assert permit.line_to_paste(["aa", "bb"]) == line
    assert permit.line_to_paste(["aa", "bb", "aa"]) == line


@pytest.mark.parametrize(
    ("configured", "expected"),
    [
        (None, ()),
        ("", ()),
        (" ", ()),
        ("aa", ("aa",)),
        ("aa,bb", ("aa", "bb")),
        (" aa, bb\ncc ,", ("aa", "bb", "cc")),
    ],
)
def test_permits_are_parted_by_commas_or_spaces(
    configured: str | None, expected: tuple[str, ...]
) -> None:
    assert permit.permits(configured) == expected


@given(st.lists(st.from_regex(r"p[0-9a-f]{12}", fullmatch=True), min_size=1, unique=True))
def test_what_is_pasted_is_read_back(digests: list[str]) -> None:
    pasted = permit.line_to_paste(digests).removeprefix("bin/pulumi config set allowDataLoss ")
    assert permit.permits(pasted) == tuple(digests)


@given(st.lists(texts, max_size=4), st.lists(texts, max_size=4))
def test_two_plans_have_one_digest_only_where_they_are_one(one: list[str], two: list[str]) -> None:
    same = permit.digest(ENDPOINT, TITLE, one) == permit.digest(ENDPOINT, TITLE, two)
    assert same == (one == two) or any("\0" in text for text in [*one, *two])


@pytest.mark.parametrize(
    ("config", "permits"),
    [({}, ()), ({"citus:allowDataLoss": "paa, pbb"}, ("paa", "pbb"))],
    ids=["none", "two"],
)
def test_permits_come_from_the_configuration(
    monkeypatch: pytest.MonkeyPatch, config: dict[str, str], permits: tuple[str, ...]
) -> None:
    monkeypatch.setattr(LIFELINE, "watch", lambda: None)
    monkeypatch.setattr(sys, "tracebacklimit", 0, raising=False)  # which it sets
    provider = SchemaProvider()
    provider.configure(ConfigureRequest(Config(config, "citus")))
    assert provider.permits == permits
