"""What a killed run leaves at work is recognised, and waited for."""

from __future__ import annotations

import subprocess
from pathlib import Path

import psutil
import pytest

from tools.cli import orphans
from tools.cli.failure import ToolError

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("command", "at_work"),
    [
        ([], False),
        (["python", "-m"], False),
        (["python", "-m", "http.server"], False),
        (["grep", "pulumi.dynamic"], False),
        (["vi", "pulumi.dynamic", "-m"], False),
        (["/x/.venv/bin/python", "-u", "-m", "pulumi.dynamic", "127.0.0.1:1"], True),
        (["python", "-u", "l.py", "/c/pulumi-language-python-exec", "--monitor", "m"], True),
        (["python", "-u", "/c/pulumi-language-python-exec"], True),
    ],
)
def test_a_provider_and_a_program_are_recognised(command: list[str], at_work: bool) -> None:  # noqa: FBT001
    assert orphans.is_at_work_for_pulumi(command) is at_work


def test_one_that_never_ends_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ToolError, match=r"pid 17, 18.*`kill 17 18`"):
        orphans.wait_for_orphans(Path("/p"), patience=0.3, find=lambda _project: [17, 18])
    assert "waiting for what a killed run left at work (pid 17, 18)" in capsys.readouterr().err


def test_one_that_ends_is_waited_for() -> None:
    seen = [[17], [17], []]
    orphans.wait_for_orphans(Path("/p"), patience=5, find=lambda _project: seen.pop(0))
    assert seen == []


def test_with_none_there_is_no_word(capsys: pytest.CaptureFixture[str]) -> None:
    orphans.wait_for_orphans(Path("/p"), find=lambda _project: [])
    assert capsys.readouterr().err == ""


def test_a_plugin_that_is_left_is_ended_and_one_of_another_project_is_not(tmp_path: Path) -> None:
    plugin = tmp_path / "pulumi-resource-docker"
    plugin.symlink_to("/bin/sleep")
    (tmp_path / "other").mkdir()
    with (
        subprocess.Popen([plugin, "60"], cwd=tmp_path) as left,
        subprocess.Popen([plugin, "60"], cwd=tmp_path / "other") as others,
    ):
        orphans.end_plugins(tmp_path)
        left_over, goes_on = psutil.pid_exists(left.pid), others.poll()
        others.terminate()
    assert (left_over, goes_on) == (False, None)
