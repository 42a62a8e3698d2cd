"""The order of a recovery, and what it leaves alone."""

from __future__ import annotations

import json
import os
import socket
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tools.cli import recovery
from tools.cli.failure import ToolError
from tools.cli.file_backend import StackFiles
from tools.cli.recovery import Recovery

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.pure

BEGUN = {"resource": {"urn": "urn:pulumi:dev::citus::t$u::worker-1"}, "type": "creating"}
NO_PID = 2**22 + 1  # above what Linux gives out


class Backend:
    """A stack in files, and a CLI that only remembers what it was asked."""

    def __init__(self, root: Path) -> None:
        self.files = StackFiles(root, "citus", "dev")
        self.commands: list[str] = []
        self.root = root / ".pulumi"

    def lock(self, pid: int, hostname: str | None = None) -> Path:
        folder = self.root / "locks" / "organization" / "citus" / "dev"
        folder.mkdir(parents=True, exist_ok=True)
        said = {
            "pid": pid,
            "hostname": hostname or socket.gethostname(),
            "timestamp": datetime.now(UTC).isoformat(),
        }
        (folder / f"{pid}.json").write_text(json.dumps(said))
        (folder / f"{pid}.json.attrs").write_text("{}")
        return folder / f"{pid}.json"

    def begin_create(self) -> None:
        folder = self.root / "stacks" / "citus"
        folder.mkdir(parents=True)
        state = {"checkpoint": {"latest": {"pending_operations": [BEGUN]}}}
        (folder / "dev.json").write_text(json.dumps(state))

    def pulumi(self, *command: str, given: str = "") -> str:
        self.commands.append(f"{command[1]} {given}".strip())
        return json.dumps({"deployment": {"pending_operations": [BEGUN]}})

    def recover(self) -> None:
        Recovery(self.pulumi, self.root, self.files).run()


@pytest.fixture
def backend(tmp_path: Path) -> Backend:
    return Backend(tmp_path)


def test_a_clean_stack_is_left_in_silence(
    backend: Backend, capsys: pytest.CaptureFixture[str]
) -> None:
    backend.recover()
    assert backend.commands == []
    assert capsys.readouterr().err == ""


def test_a_dead_runs_lock_and_begun_creates_go(
    backend: Backend, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = backend.lock(NO_PID)
    backend.begin_create()
    backend.recover()
    assert list(lock.parent.iterdir()) == []
    assert [command.split()[0] for command in backend.commands] == ["export", "import"]
    said = capsys.readouterr().err
    assert said == (
        "recovered stack dev from a run that was killed; "
        "the next up adopts what exists of: worker-1\n"
    )


def test_begun_creates_go_without_a_lock_too(backend: Backend) -> None:
    """A recovery that was killed had removed the lock already."""
    backend.begin_create()
    backend.recover()
    assert len(backend.commands) == 2


def test_a_living_run_is_left_alone(backend: Backend) -> None:
    lock = backend.lock(os.getpid())
    dead = backend.lock(NO_PID)
    backend.begin_create()
    backend.recover()
    assert lock.exists()
    assert dead.exists()
    assert backend.commands == []


def test_a_run_on_another_host_is_left_alone_and_named(
    backend: Backend, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = backend.lock(NO_PID, "elsewhere")
    backend.begin_create()
    backend.recover()
    assert lock.exists()
    assert backend.commands == []
    assert "the host elsewhere" in capsys.readouterr().err


def test_a_lock_that_cannot_be_read_is_left_alone(backend: Backend) -> None:
    lock = backend.lock(NO_PID)
    lock.write_text("half")
    backend.recover()
    assert lock.exists()


def test_the_lock_stays_until_the_orphans_have_ended(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never_end(_project: Path) -> None:
        raise ToolError("still at work")

    monkeypatch.setattr(recovery, "wait_for_orphans", never_end)
    lock = backend.lock(NO_PID)
    backend.begin_create()
    with pytest.raises(ToolError, match="still at work"):
        backend.recover()
    assert lock.exists()
    assert backend.commands == []
