"""Volumes grow; a smaller size is refused before anything is changed."""

from __future__ import annotations

import pytest

from citus.platforms.kubernetes.volume_size import VolumeSizeProvider

pytestmark = pytest.mark.pure


def refused(old: int | None, new: int) -> list[str]:
    olds = {} if old is None else {"gibibytes": float(old)}
    failures = VolumeSizeProvider().check(olds, {"gibibytes": float(new)}).failures
    return [failure.reason for failure in failures]


@pytest.mark.parametrize(("old", "new"), [(None, 10), (10, 10), (10, 20)])
def test_a_first_the_same_or_a_larger_size_is_taken(old: int | None, new: int) -> None:
    assert refused(old, new) == []


def test_a_smaller_one_is_refused_in_a_sentence() -> None:
    [said] = refused(20, 10)
    assert "a volume can't be made smaller: citus:nodeStorage is 10 and was 20" in said


def test_a_larger_one_is_a_change_and_then_the_recorded_one() -> None:
    provider, old, new = VolumeSizeProvider(), {"gibibytes": 10.0}, {"gibibytes": 20.0}
    assert provider.diff("volume", old, new).changes
    recorded = provider.update("volume", old, new).outs
    assert not provider.diff("volume", recorded or {}, new).changes
    assert refused(20, 10)
