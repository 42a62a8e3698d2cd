from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.comparison import Comparison, Goal, Series, percentile

pytestmark = pytest.mark.pure


def series(*values: float) -> Series:
    return Series("a name", values)


def test_a_series_tells_its_least_and_its_median() -> None:
    assert (series(3, 1, 2).least, series(3, 1, 2).median) == (1, 2)


@pytest.mark.parametrize(
    ("goal", "value", "met"),
    [
        (Goal(2.5), 2.5, True),
        (Goal(2.5), 2.51, False),
        (Goal(10, at_least=True), 10, True),
        (Goal(10, at_least=True), 9.9, False),
        (Goal(2.5), math.nan, False),
        (Goal(10, at_least=True), math.nan, False),
    ],
)
def test_a_goal_is_met_at_its_limit_and_on_the_right_side(
    goal: Goal,
    value: float,
    met: bool,  # noqa: FBT001
) -> None:
    assert goal.is_met(value) is met


@pytest.mark.parametrize(
    ("goal", "text"),
    [
        (Goal(2.5), "≤ 2.5x"),
        (Goal(6, at_least=True), "≥ 6x"),
        (Goal(0, of_ratio=False), "≤ 0"),
    ],
)
def test_a_goal_reads_as_a_limit(goal: Goal, text: str) -> None:
    assert str(goal) == text


def test_a_ratio_is_of_medians_by_the_sum_of_the_others() -> None:
    comparison = Comparison(series(30, 6, 6), (series(1, 9, 1), series(2, 2, 7)), "s", Goal(2))
    assert comparison.ratio == 2
    assert comparison.met is True


def test_without_anything_to_compare_with_there_is_no_ratio_and_no_met_goal() -> None:
    comparison = Comparison(series(1), (series(0),), "s", Goal(2))
    assert math.isnan(comparison.ratio)
    assert comparison.met is False


def test_a_goal_for_the_own_value_looks_at_no_ratio() -> None:
    none_failed = Goal(0, of_ratio=False)
    assert Comparison(series(0), (series(7),), "", none_failed).met is True
    assert Comparison(series(1), (series(1000),), "", none_failed).met is False


def test_without_a_goal_nothing_is_met_or_missed() -> None:
    assert Comparison(series(1), (series(1),), "s").met is None


@pytest.mark.parametrize(
    ("percent", "value"), [(50, 50), (99, 99), (100, 100), (1, 1), (0.5, 1), (0, 1)]
)
def test_a_percentile_is_one_of_the_values(percent: float, value: float) -> None:
    assert percentile([*range(100, 0, -1)], percent) == value


def test_nothing_has_no_percentile() -> None:
    assert math.isnan(percentile([], 99))


@given(st.lists(st.floats(0, 1e6), min_size=1), st.integers(1, 100))
def test_so_many_percent_do_not_exceed_it_and_fewer_do_not_reach_it(
    values: list[float], percent: int
) -> None:
    found = percentile(values, percent)
    assert found in values
    assert sum(v <= found for v in values) * 100 >= percent * len(values)
    assert sum(v < found for v in values) * 100 < percent * len(values)
