"""With real processes: what has ended doesn't live, whether somebody reaps it or not."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

import psutil
import pytest

from citus.process import ends_within, lives

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.pure


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    """Start a process that this one doesn't reap before the test is over."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        yield child
        child.kill()


def test_a_killed_child_has_ended_though_nobody_reaps_it(child: subprocess.Popen[bytes]) -> None:
    process = psutil.Process(child.pid)
    assert lives(process)
    child.kill()
    started = time.monotonic()
    assert ends_within(60, process)
    assert time.monotonic() - started < 30
    assert process.status() == psutil.STATUS_ZOMBIE
    child.wait()
    assert not lives(process)


def test_one_that_goes_on_is_waited_for_in_vain(child: subprocess.Popen[bytes]) -> None:
    assert not ends_within(0.1, psutil.Process(child.pid))


def test_a_reused_pid_is_another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    process = psutil.Process()
    monkeypatch.setattr(psutil.Process, "is_running", lambda _self: False)
    assert not lives(process)
