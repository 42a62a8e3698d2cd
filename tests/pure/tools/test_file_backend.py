"""Where a file backend keeps a stack."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tools.cli.failure import ToolError
from tools.cli.file_backend import StackFiles, folder_of, mend

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("url", "folder"),
    [
        ("", None),
        ("s3://bucket", None),
        ("https://api.pulumi.com", None),
        ("file:///state", Path("/state")),
        ("file:///state?metadata=skip", Path("/state")),
        ("file://./state", Path("/project/state")),
        ("file://~", Path.home()),
    ],
)
def test_the_folder_of_a_backend(url: str, folder: Path | None) -> None:
    assert folder_of(url, Path("/project")) == folder


def test_a_state_that_cannot_be_read_is_told_with_its_copy(tmp_path: Path) -> None:
    folder = tmp_path / ".pulumi/stacks/citus"
    folder.mkdir(parents=True)
    (folder / "dev.json").write_text("half")
    with pytest.raises(ToolError, match=r"dev\.json can't be read.*\.bak"):
        StackFiles(tmp_path, "citus", "dev").deployment()


def test_a_stack_without_state_is_empty(tmp_path: Path) -> None:
    files = StackFiles(tmp_path, "citus", "dev")
    assert files.deployment() == {}
    assert files.locks() == []


def test_a_compressed_state_is_read(tmp_path: Path) -> None:
    folder = tmp_path / ".pulumi/stacks/citus"
    folder.mkdir(parents=True)
    text = b'{"checkpoint": {"latest": {"resources": []}}}'
    (folder / "dev.json.gz").write_bytes(gzip.compress(text))
    assert StackFiles(tmp_path, "citus", "dev").deployment() == {"resources": []}


def test_attributes_that_a_killed_run_left_empty_are_removed_and_no_others(tmp_path: Path) -> None:
    folder = tmp_path / ".pulumi/stacks/citus"
    folder.mkdir(parents=True)
    (folder / "dev.json.attrs").write_bytes(b"")
    for kept in ("dev.json", "prod.json.attrs"):
        (folder / kept).write_text("{}")
    mend(tmp_path)
    assert sorted(path.name for path in folder.iterdir()) == ["dev.json", "prod.json.attrs"]


def test_a_backend_that_is_not_made_yet_needs_no_mending(tmp_path: Path) -> None:
    mend(tmp_path / "none")
