"""What ends in the middle is taken up again, with the real CLI."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests.up.test_toolchain_checkout import Checkout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.up


def wait_until(happened: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def read_until(process: subprocess.Popen[str], text: str) -> str:
    """Read the output up to the line that has *text*."""
    assert process.stdout is not None
    read = ""
    for line in process.stdout:
        read += line
        if text in line:
            return read
    raise AssertionError(f"{text!r} was never said:\n{read}")


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Checkout]:
    checkout = Checkout(tmp_path / "checkout", tmp_path / "home")
    yield checkout
    checkout.write("go", "")  # lets go what a failed test left waiting


def test_up_goes_on_after_the_cli_was_killed(checkout: Checkout) -> None:
    """The lock stays while the provider is at work; then the begun create is done again."""
    with checkout.start("bin/pulumi", "up", "--yes", "--skip-preview") as killed:
        wait_until(lambda: checkout.begun() == 1)
        killed.kill()  # bin/pulumi has become the CLI
        killed.communicate(timeout=30)
    assert len(checkout.locks()) == 1
    assert checkout.pending() == ["creating"]

    with checkout.start("make", "up") as again:
        read_until(again, "waiting for what a killed run left at work")
        assert len(checkout.locks()) == 1
        assert checkout.begun() == 1
        checkout.write("go", "")
        out, _ = again.communicate(timeout=120)
    assert again.returncode == 0, out
    assert "recovered stack dev from a run that was killed" in out
    assert "adopts what exists of: a" in out
    assert checkout.begun() == 2
    assert checkout.locks() == []
    assert checkout.pending() == []


@pytest.mark.long
def test_a_cli_that_was_killed_while_it_wrote_attributes_is_no_end_of_the_stack(
    checkout: Checkout,
) -> None:
    checkout.write("go", "")
    code, out = checkout.run("make", "up")
    assert code == 0, out
    attributes = list(checkout.folder.glob(".pulumi-state/.pulumi/stacks/*/*.attrs"))
    assert attributes
    for file in attributes:
        file.write_bytes(b"")
    code, out = checkout.run("make", "up")
    assert code == 0, out


@pytest.mark.long
def test_a_recovery_that_was_killed_is_done_by_the_next(checkout: Checkout) -> None:
    with checkout.start("bin/pulumi", "up", "--yes", "--skip-preview") as killed:
        wait_until(lambda: checkout.begun() == 1)
        killed.kill()
        killed.communicate(timeout=30)
    with checkout.start("bin/pulumi", "up", "--yes") as killed:
        read_until(killed, "waiting for what a killed run left at work")
        killed.kill()
        killed.communicate(timeout=30)
    checkout.write("go", "")
    code, out = checkout.run("make", "up")
    assert code == 0, out
    assert "recovered stack dev" in out


def test_a_run_at_work_is_not_disturbed(checkout: Checkout) -> None:
    with checkout.start("bin/pulumi", "up", "--yes", "--skip-preview") as first:
        wait_until(lambda: checkout.begun() == 1)
        code, out = checkout.run("make", "up")
        assert code != 0
        assert "the stack is currently locked" in out
        checkout.write("go", "")
        first.communicate(timeout=60)
    assert first.returncode == 0


def test_ctrl_c_once_lets_what_runs_end(checkout: Checkout) -> None:
    """As in a terminal: every process of the group gets the signal, the CLI just once."""
    with subprocess.Popen(
        ["make", "up"],
        cwd=checkout.folder,
        env=checkout.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        wait_until(lambda: checkout.begun() == 1)
        os.killpg(process.pid, signal.SIGINT)
        time.sleep(1)
        assert process.poll() is None, "nothing may end before what runs has"
        checkout.write("go", "")
        out, _ = process.communicate(timeout=60)
    assert "Traceback" not in out
    assert checkout.locks() == []
    assert checkout.pending() == []
    code, out = checkout.run("make", "up")
    assert code == 0, out
    assert checkout.begun() == 1
