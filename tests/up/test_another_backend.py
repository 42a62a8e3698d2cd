"""A stack whose state lies in no files: in a database, as a team may keep it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from tests.live import engines
from tests.live.services.postgres import Server
from tests.up.stack import Stack

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.up, pytest.mark.one_engine, pytest.mark.long]


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    (tmp_path / "backend").mkdir()
    (tmp_path / "checkout").mkdir()
    backend = Server(tmp_path / "backend")
    installed = engines.find("standin")
    assert installed is not None
    made = Stack(tmp_path / "checkout", installed.bin, workers=1, services=[])
    password = quote(backend.password_file.read_text().strip())
    url = f"postgres://postgres:{password}@127.0.0.1:{backend.port}/postgres?sslmode=disable"
    made.environment["PULUMI_BACKEND_URL"] = url
    try:
        yield made
    finally:
        made.declare(platform="local")
        made.make("down", check=False)
        backend.stop()


def test_what_is_recorded_is_looked_at_there_too(stack: Stack) -> None:
    stack.make("up")
    assert not (stack.folder / ".pulumi-state").exists()
    stack.declare(platform="docker")
    for target in ("up", "preview", "refresh", "down"):
        refused = stack.make(target, check=False)
        assert refused.code != 0
        assert refused.errors[0].startswith("error: stack dev is up on the platform local"), target
    stack.declare(platform="local")
    assert "unchanged" in stack.make("up").text
    stack.make("down")
    assert stack.pids("postgres") == []
