from __future__ import annotations

import json
import math

import pytest

from bench.comparison import Comparison, Goal, Part, Series
from bench.report import as_json, number, table

pytestmark = pytest.mark.pure

PART = Part(
    "create",
    "Citus 13.0-1, PostgreSQL 15.20",
    (
        Comparison(
            Series("100 roles", (30.5, 20.25, 40.75)),
            (Series("by one psql", (2.0,)), Series("no-op", (8.125, 8.25))),
            "s",
            Goal(1.3),
        ),
        Comparison(Series("failed", (0.0,)), (Series("upstream's", (0.0,)),), "", Goal(0)),
    ),
)


def test_a_table_has_a_line_a_series_with_the_ratio_and_the_goal_beside_ours() -> None:
    assert table(PART).splitlines() == [
        "create (Citus 13.0-1, PostgreSQL 15.20)",
        "                    min  median     ratio    goal",
        "  100 roles        20.2    30.5  s  2.99x  ≤ 1.3x  missed",
        "    : by one psql     2       2  s",
        "    : no-op        8.12    8.19  s",
        "  failed              0       0              ≤ 0x  missed",
        "    : upstream's      0       0",
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (12, "12"),
        (1000, "1000"),
        (12345.6, "12346"),
        (123.4, "123"),
        (12.34, "12.3"),
        (1.234, "1.23"),
        (0.1234, "0.123"),
        (0.01234, "0.0123"),
        (0.00012, "0.0001"),
        (math.nan, "-"),
    ],
)
def test_a_number_shows_the_digits_that_count(value: float, text: str) -> None:
    assert number(value) == text


def test_the_json_has_every_run_and_says_what_a_ratio_is_of() -> None:
    document = json.loads(as_json({"cores": "2"}, [PART]))
    assert document["facts"] == {"cores": "2"}
    first, second = document["parts"][0]["comparisons"]
    assert document["parts"][0]["engine"] == PART.engine
    assert first["ours"]["values"] == [30.5, 20.25, 40.75]
    assert [other["median"] for other in first["others"]] == [2.0, 8.1875]
    assert first["ratio"] == pytest.approx(30.5 / 10.1875)
    assert (first["goal"], first["met"]) == ("≤ 1.3x", False)
    assert second["ratio"] is None
