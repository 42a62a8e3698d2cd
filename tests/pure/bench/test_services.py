from __future__ import annotations

import pytest

from bench.load import Answers, together
from bench.services import SUBJECTS, Subject, comparisons_of

pytestmark = pytest.mark.pure


def answers(*latencies: float, failed: int = 0, seconds: float = 1) -> Answers:
    return Answers(0, seconds, latencies, failed)


def test_clients_that_ran_side_by_side_count_from_the_first_to_the_last() -> None:
    both = together([Answers(1, 3, (0.5, 0.5), 1), Answers(2, 5, (0.25,), 2)])
    assert both == Answers(1, 5, (0.5, 0.5, 0.25), 3)
    assert both.per_second == 0.75


def test_only_right_answers_count_for_the_rate() -> None:
    assert answers(0.1, 0.1, failed=98, seconds=2).per_second == 1


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda s: s.service)
def test_a_service_that_is_fast_enough_meets_its_goals(subject: Subject) -> None:
    ours = answers(*[0.004] * 100, seconds=100 / (70 * subject.goal.limit))
    theirs = answers(*[0.008] * 100, seconds=100 / 70)
    rate, p50, p99, failed = comparisons_of(subject, (ours,), (theirs,))
    assert rate.ratio == pytest.approx(subject.goal.limit)
    assert p50.ours.values == (4.0,)
    assert p99.ratio == pytest.approx(0.5)
    assert [c.met for c in (p99, failed)] == [True, True]


def test_one_failed_request_in_any_turn_misses_the_goal() -> None:
    turns = (answers(0.1), answers(0.1, failed=1), answers(0.1))
    *_, failed = comparisons_of(SUBJECTS[0], turns, turns)
    assert failed.met is False
