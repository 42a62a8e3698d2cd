"""Whether a lock file is that of a dead run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tools.cli.locks import Holder, Lock, holder

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.pure

LOCK = Lock(pid=17, hostname="here", taken_at=1000.0)


@pytest.mark.parametrize(
    ("host", "started_at", "expected"),
    [
        ("there", None, Holder.ELSEWHERE),
        ("there", 2000.0, Holder.ELSEWHERE),
        ("here", None, Holder.DEAD),
        ("here", 1500.0, Holder.DEAD),
        ("here", 990.0, Holder.LIVES),
        ("here", 1000.5, Holder.LIVES),
    ],
    ids=[
        "another host, whose processes nobody sees here",
        "another host, though the pid is used here",
        "no process has the pid",
        "a later process has the pid",
        "the process that took it",
        "the same, by a clock that is a little off",
    ],
)
def test_who_holds_a_lock(host: str, started_at: float | None, expected: Holder) -> None:
    assert holder(LOCK, host=host, started_at=started_at) is expected


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"pid": 1, "hostname": "h", "timestamp": "soon"}']
)
def test_a_lock_file_that_says_nothing_is_nobodys(tmp_path: Path, text: str) -> None:
    (tmp_path / "lock.json").write_text(text)
    assert Lock.read(tmp_path / "lock.json") is None


def test_a_lock_file_as_the_cli_writes_it(tmp_path: Path) -> None:
    said = {"pid": 17, "username": "u", "hostname": "here"}
    said["timestamp"] = "2026-11-22T04:00:06.635774817Z"
    (tmp_path / "lock.json").write_text(json.dumps(said))
    lock = Lock.read(tmp_path / "lock.json")
    assert lock is not None
    assert (lock.pid, lock.hostname) == (17, "here")
    assert lock.taken_at == pytest.approx(1795320006.635775)
