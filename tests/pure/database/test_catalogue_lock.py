"""Two runs on one cluster: the second waits, and says so."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from citus.database import catalogue_lock
from citus.database.errors import NotReachable
from citus.errors import Refused
from tests.pure.database.specs import ENDPOINT

pytestmark = pytest.mark.pure


class Contended:
    """A server on which the lock is free from the nth try on."""

    endpoint = ENDPOINT

    def __init__(self, free_at: float) -> None:
        self.free_at, self.tries, self.given_back = free_at, 0, 0

    def rows(self, query: str, key: int) -> list[tuple[bool]]:
        assert key == catalogue_lock.KEY
        if "pg_advisory_unlock" in query:
            self.given_back += 1
            return [(True,)]
        assert "pg_try_advisory_lock" in query
        self.tries += 1
        return [(self.tries >= self.free_at,)]


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    seconds: list[float] = []
    monkeypatch.setattr("time.sleep", seconds.append)
    return seconds


def test_a_free_lock_is_taken_at_once(
    slept: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    database: Any = Contended(1)
    with catalogue_lock.held(database):
        assert (database.tries, slept, database.given_back) == (1, [], 0)
    assert database.given_back == 1
    assert capsys.readouterr().out == ""


def test_a_waiting_run_says_so_every_five_seconds(
    slept: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    database: Any = Contended(1 + 24)
    with catalogue_lock.held(database):
        assert sum(slept) == 12
    assert capsys.readouterr().out.splitlines() == [
        "127.0.0.1:15432: waiting for another run to end (5 s)",
        "127.0.0.1:15432: waiting for another run to end (10 s)",
    ]


def test_the_steps_of_one_run_do_not_ask_the_server_while_one_of_them_works() -> None:
    first: Any = Contended(1)
    second: Any = Contended(1)
    entered = threading.Event()

    def wait() -> None:
        with catalogue_lock.held(second):
            entered.set()

    waiting = threading.Thread(target=wait)
    with catalogue_lock.held(first):
        waiting.start()
        assert not entered.wait(0.1)
        assert second.tries == 0
    waiting.join(5)
    assert entered.is_set()


def test_a_session_that_broke_hides_no_error_of_what_ran_in_it() -> None:
    class Broken(Contended):
        def rows(self, query: str, key: int) -> list[tuple[bool]]:
            if "unlock" in query:
                raise NotReachable("the connection is lost")
            return super().rows(query, key)

    database: Any = Broken(1)
    with pytest.raises(Refused, match="the cause"), catalogue_lock.held(database):
        raise Refused("the cause")


def test_after_ten_minutes_it_gives_up_in_a_sentence(slept: list[float]) -> None:
    database: Any = Contended(float("inf"))
    with (
        pytest.raises(Refused, match=r"another run has held the cluster's lock for 600 s: let it"),
        catalogue_lock.held(database),
    ):
        pytest.fail("entered without the lock")
    assert sum(slept) == 600
