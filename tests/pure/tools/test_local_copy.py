"""The file of a stack's copy: made, kept, and taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml  # type: ignore[import-untyped]

from tools.cli.checkout import Project
from tools.cli.failure import ToolError
from tools.stack.local_copy import LocalCopy

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.pure

PULUMI = {
    "name": "citus",
    "config": {
        "platform": {"type": "string", "default": "local"},
        "workers": {"description": "How many."},
        "nodeMemory": {"description": "(docker, kubernetes) How much."},
    },
}
BIG = {"citus:platform": "kubernetes", "citus:workers": "6", "citus:nodeMemory": "4096"}


def write(folder: Path, name: str, content: dict[str, Any]) -> None:
    (folder / name).write_text(yaml.safe_dump(content))


@pytest.fixture
def copy(tmp_path: Path) -> LocalCopy:
    write(tmp_path, "Pulumi.yaml", PULUMI)
    write(tmp_path, "Pulumi.dev.yaml", {"encryptionsalt": "v1:public", "config": {}})
    write(tmp_path, "Pulumi.big.yaml", {"secretsprovider": "awskms://key", "config": BIG})
    found = LocalCopy.asked_for(Project.at(tmp_path), "big", "local")
    assert found is not None
    return found


def config(copy: LocalCopy) -> dict[str, Any]:
    return dict(yaml.safe_load(copy.file.read_text())["config"])


def test_it_is_sealed_as_dev_is_and_says_what_it_left_out(
    copy: LocalCopy, capsys: pytest.CaptureFixture[str]
) -> None:
    copy.prepare()
    assert yaml.safe_load(copy.file.read_text()) == {
        "encryptionsalt": "v1:public",
        "config": {"citus:platform": "local", "citus:workers": "6"},
    }
    assert capsys.readouterr().err == (
        "stack try-big-local is a copy of big for the platform local, in "
        "Pulumi.try-big-local.yaml, which git ignores; without citus:nodeMemory, of no use or no "
        "right there\n"
    )


def test_a_second_time_says_and_changes_nothing(
    copy: LocalCopy, capsys: pytest.CaptureFixture[str]
) -> None:
    copy.prepare()
    before = copy.file.read_text() + "# mine\n"
    copy.file.write_text(before)
    capsys.readouterr()
    copy.prepare()
    assert copy.file.read_text() == before
    assert capsys.readouterr().err == ""


def test_its_own_changes_stay_and_the_originals_come(
    copy: LocalCopy, capsys: pytest.CaptureFixture[str]
) -> None:
    copy.prepare()
    own = {"citus:platform": "local", "citus:workers": "2"}
    write(copy.project.folder, copy.file.name, {"encryptionsalt": "v1:mine", "config": own})
    changed = {**BIG, "citus:workers": "8", "citus:tables": []}
    write(copy.project.folder, "Pulumi.big.yaml", {"config": changed})
    capsys.readouterr()
    copy.prepare()
    assert config(copy) == {**own, "citus:tables": []}
    assert yaml.safe_load(copy.file.read_text())["encryptionsalt"] == "v1:mine"
    said = "Pulumi.big.yaml has changed since it was copied: Pulumi.try-big-local.yaml"
    assert capsys.readouterr().err.splitlines() == [
        f"{said} follows in citus:tables",
        f"{said} keeps its own citus:workers",
    ]


def test_it_goes_when_nothing_is_kept(copy: LocalCopy) -> None:
    copy.prepare()
    kept = copy.project.folder / ".local" / copy.name
    kept.mkdir()
    copy.forget()
    assert copy.exists
    kept.rmdir()
    copy.forget()
    assert not copy.exists
    assert list((copy.project.folder / ".local").iterdir()) == []


@pytest.mark.parametrize(
    ("stack", "platform"), [("big", ""), ("big", "kubernetes"), ("dev", "local")]
)
def test_a_stack_that_is_on_the_platform_already_is_meant_itself(
    copy: LocalCopy, stack: str, platform: str
) -> None:
    assert LocalCopy.asked_for(copy.project, stack, platform) is None


def test_no_other_platform_makes_a_copy(copy: LocalCopy) -> None:
    with pytest.raises(ToolError, match="PLATFORM=docker: a stack is tried on PLATFORM=local"):
        LocalCopy.asked_for(copy.project, "big", "docker")
