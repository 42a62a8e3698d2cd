"""A disk that is full is told in a sentence; with room again, the same `up` succeeds."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from citus.errors import ServerFailed
from citus.platforms.local.server_spec import PostgresServerSpec
from tests.live.declared import Declared

pytestmark = [pytest.mark.live, pytest.mark.one_engine]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a file system of a few megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m,mode=0700", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("only root can mount a small file system, and not everywhere")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def test_a_full_disk_is_told_in_a_sentence_and_more_room_mends_it(
    resource: Declared, declared: PostgresServerSpec, small_disk: Path
) -> None:
    there = replace(declared, folder=(small_disk / "worker-7").as_posix())
    with pytest.raises(ServerFailed) as failed:
        resource.up(there)
    assert str(failed.value) == "initdb: the disk is full: make room and run it again"
    assert not (small_disk / "worker-7" / "data").exists()
    grow = ["mount", "-o", "remount,size=300m", str(small_disk)]
    subprocess.run(grow, check=True, capture_output=True)
    resource.up(there)
    assert there.server.process() is not None
    resource.delete()
