"""What a user sees of a statement that takes long."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from citus import progress

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.pure

SQL = "SELECT citus_schema_distribute('ads')"


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    lines: list[str] = []
    monkeypatch.setattr(progress, "tell", lines.append)
    return lines


def wait_until(holds: Callable[[], bool]) -> None:
    patience = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < patience
        time.sleep(0.01)


def test_what_is_done_in_time_is_not_talked_about(told: list[str]) -> None:
    with progress.while_running(SQL):
        assert told == []
    assert told == []


def test_what_takes_long_is_told_again_and_again(
    told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "_PROGRESS_SECONDS", 0.125)
    with progress.while_running(SQL):
        wait_until(lambda: len(told) >= 3)
    assert told[:3] == [f"{SQL} has run for {seconds} s" for seconds in (0.125, 0.25, 0.375)]


@pytest.mark.parametrize("failure", [None, ValueError], ids=["done", "failed"])
def test_nothing_is_told_of_what_has_ended(
    told: list[str], monkeypatch: pytest.MonkeyPatch, failure: type[Exception] | None
) -> None:
    monkeypatch.setattr(progress, "_PROGRESS_SECONDS", 0.05)
    before = set(threading.enumerate())
    try:
        with progress.while_running(SQL):
            if failure:
                raise failure
    except ValueError:
        pass
    wait_until(lambda: set(threading.enumerate()) <= before)
    assert told == []
