"""One thread, in order, never quiet about what fails, over at once."""

from __future__ import annotations

import threading
import time

import pytest

from tests.kubernetes.agenda import Agenda

pytestmark = pytest.mark.pure


def test_things_are_done_in_their_order_in_one_thread() -> None:
    agenda, done, end = Agenda(), [], threading.Event()
    agenda.after(0.05, lambda: done.append(("later", threading.current_thread())))
    agenda.after(0.1, end.set)
    agenda.soon(lambda: done.append(("first", threading.current_thread())))
    agenda.soon(lambda: done.append(("second", threading.current_thread())))
    assert end.wait(10)
    agenda.stop()
    assert done == [("first", agenda), ("second", agenda), ("later", agenda)]


def test_what_is_not_due_is_forgotten_at_the_end() -> None:
    done: list[str] = []
    agenda = Agenda()
    agenda.after(60, done.append, "late")
    begun = time.monotonic()
    agenda.stop()
    assert time.monotonic() - begun < 5
    assert not done


def test_what_fails_ends_the_thread_as_an_error_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    failures: list[BaseException | None] = []
    monkeypatch.setattr(threading, "excepthook", lambda seen: failures.append(seen.exc_value))
    agenda = Agenda()
    agenda.soon({}.__getitem__, "nothing")
    agenda.join(10)
    assert [type(failure) for failure in failures] == [KeyError]
    agenda.stop()
