from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from citus.private_file import write_private

pytestmark = pytest.mark.pure


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_only_its_owner_may_read_it(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        write_private(tmp_path / "folder" / "secret", "s3cret")
    finally:
        os.umask(before)
    assert (mode(tmp_path / "folder"), mode(tmp_path / "folder" / "secret")) == (0o700, 0o600)
    assert (tmp_path / "folder" / "secret").read_text() == "s3cret"


def test_a_file_that_others_could_read_is_private_after(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("a longer text than the next")
    path.chmod(0o644)
    write_private(path, "s3cret")
    assert (mode(path), path.read_text()) == (0o600, "s3cret")


def test_nothing_lies_beside_it(tmp_path: Path) -> None:
    write_private(tmp_path / "secret", "s3cret")
    assert list(tmp_path.iterdir()) == [tmp_path / "secret"]


def test_a_writer_killed_before_the_end_leaves_the_old_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_private(tmp_path / "secret", "old")

    def killed(_self: Path, _target: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        write_private(tmp_path / "secret", "new")
    assert (tmp_path / "secret").read_text() == "old"


def test_writers_side_by_side_do_not_mix(tmp_path: Path) -> None:
    texts = [str(n) * 10_000 for n in range(8)]
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda text: write_private(tmp_path / "secret", text), texts))
    assert (tmp_path / "secret").read_text() in texts
    assert len(list(tmp_path.iterdir())) == 1
