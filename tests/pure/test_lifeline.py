"""With real processes: a CLI, the shell between, and a provider that outlives it or not."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from citus import lifeline
from citus.errors import Orphaned
from citus.process import lives

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.pure

ROOT = Path(__file__).resolve().parents[2]
# Stands for the CLI: it starts a provider below a shell, as Pulumi does, and waits.
CLI = """
import subprocess, sys
subprocess.run(["sh", "-c", '"$0" provider.py; exit $?', sys.executable])
"""
PROVIDER = """
import os, sys, time
from pathlib import Path
sys.path.insert(0, {root!r})
from citus.errors import Orphaned
from citus.lifeline import LIFELINE
LIFELINE.watch()
LIFELINE.watch()
with LIFELINE.held():
    LIFELINE.check()
    Path("draft").write_text(str(os.getpid()))
    Path("draft").rename("pid")
    while not Path("orphaned").exists():
        try:
            LIFELINE.check()
        except Orphaned as error:
            Path("orphaned").write_text(str(error))
        time.sleep(0.02)
    time.sleep(0.3)
    Path("finished").touch()
time.sleep(60)
"""


def wait_for(what: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "nothing came of it"
        time.sleep(0.02)


@pytest.fixture
def cli(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    (tmp_path / "provider.py").write_text(PROVIDER.format(root=str(ROOT)))
    with subprocess.Popen([sys.executable, "-c", CLI], cwd=tmp_path) as process:
        wait_for((tmp_path / "pid").exists)
        yield process
        process.kill()
    provider = int((tmp_path / "pid").read_text())
    if psutil.pid_exists(provider):
        psutil.Process(provider).kill()


def test_a_killed_cli_takes_its_provider_along_when_the_step_is_done(
    cli: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    provider = psutil.Process(int((tmp_path / "pid").read_text()))
    time.sleep(0.1)
    assert not (tmp_path / "orphaned").exists()
    cli.kill()
    cli.wait()
    wait_for(lambda: not lives(provider))
    assert "the Pulumi CLI has ended" in (tmp_path / "orphaned").read_text()
    assert (tmp_path / "finished").exists()


def test_the_cli_is_the_parents_parent() -> None:
    parent = psutil.Process().parent()
    grandparent = parent.parent() if parent else None
    expected = grandparent if grandparent and grandparent.pid != 1 else None
    assert lifeline._cli() == expected


def test_no_next_step_begins_after_the_clis_death(monkeypatch: pytest.MonkeyPatch) -> None:
    line = lifeline._Lifeline()
    line.check()
    monkeypatch.setattr(line, "_orphaned", True)
    with pytest.raises(Orphaned, match="the rest is left to the next run"):
        line.check()


def test_a_failed_operation_is_over() -> None:
    line = lifeline._Lifeline()
    running = []

    def fail() -> None:
        with line.held():
            running.append(line._running)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert [*running, line._running] == [1, 0]
