"""What is waited for: until it is done, has failed, stands still, or takes too long."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from citus.database import wait
from citus.database.wait import Answer, Failed, Late, Wait, until_done

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.pure


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Make of a question's pause a second of a clock that nobody waits for."""
    clock = [0.0]
    lines: list[str] = []
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(time, "sleep", lambda _: clock.__setitem__(0, clock[0] + 1))
    monkeypatch.setattr(wait, "tell", lines.append)
    return lines


def moving(steps: int) -> Iterator[Answer]:
    for step in range(steps):
        yield Answer(False, None, f"{step} of {steps}", f"{steps - step} s left")  # noqa: FBT003
    yield Answer(True, None, "all")  # noqa: FBT003


def waits(answers: Iterator[Answer], **how: float) -> None:
    until_done(Wait("SELECT …", **how), lambda: next(answers), lambda: None)  # type: ignore[arg-type]


def test_what_moves_on_is_waited_for_and_told_every_five_seconds(told: list[str]) -> None:
    waits(moving(11), patience=3)
    assert told == ["5 of 11, 6 s left", "10 of 11, 1 s left"]


def test_what_stands_still_is_given_up_whatever_it_guesses(told: list[str]) -> None:
    standing = (Answer(False, None, "job 7", f"{i} s left") for i in range(100))  # noqa: FBT003
    with pytest.raises(Late, match=r"^job 7: it has not moved for 21 s$"):
        waits(standing, patience=20)
    assert told[0] == "job 7, 5 s left"


def test_what_takes_too_long_is_given_up_though_it_moves(told: list[str]) -> None:
    with pytest.raises(Late, match=r"^31 of 100: it has run for 31 s$"):
        waits(moving(100), at_most=30)
    assert told


def test_what_has_failed_is_told_at_once(told: list[str]) -> None:
    with pytest.raises(Failed, match=r"^ERROR: no$") as failed:
        waits(iter([Answer(False, "ERROR: no", "job 7")]))  # noqa: FBT003
    assert not isinstance(failed.value, Late)
    assert told == []


def test_something_is_done_between_two_questions(told: list[str]) -> None:
    answers, done = moving(3), []
    until_done(Wait("SELECT …"), lambda: next(answers), lambda: done.append(len(done)))
    assert done == [0, 1, 2]
    assert told == []


def test_what_is_soon_done_is_soon_seen_and_what_takes_long_is_asked_once_a_second(
    told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    a_second = time.sleep

    def sleep(pause: float) -> None:
        pauses.append(pause)
        a_second(pause)

    monkeypatch.setattr(time, "sleep", sleep)
    waits(moving(40))
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (0.1, 1.0)
    assert told
