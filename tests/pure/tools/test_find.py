"""Which CLI on PATH is taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tools.cli import find
from tools.cli.checkout import ROOT

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.pure


def cli(folder: Path, *, mode: int = 0o755) -> Path:
    folder.mkdir()
    (folder / "pulumi").touch(mode=mode)
    return folder / "pulumi"


@pytest.fixture
def version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(find, "_version", lambda path: f"v{path.parent.name}")


@pytest.mark.usefixtures("version")
def test_our_own_script_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = cli(tmp_path / "3.300.0")
    link = tmp_path / "link"
    link.mkdir()
    (link / "pulumi").symlink_to(ROOT / "bin" / "pulumi")
    monkeypatch.setenv("PATH", f"{ROOT}/bin:{link}:{theirs.parent}")
    assert find.on_path(">=3.254.0") == find.Cli(theirs, built_here=False)


@pytest.mark.usefixtures("version")
def test_an_old_one_is_told_and_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    old = cli(tmp_path / "3.100.0")
    monkeypatch.setenv("PATH", str(old.parent))
    assert find.on_path(">=3.254.0") is None
    assert "is v3.100.0, Pulumi.yaml requires >=3.254.0" in capsys.readouterr().err


@pytest.mark.usefixtures("version")
def test_what_cannot_be_run_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    cli(tmp_path / "3.300.0", mode=0o644)
    (tmp_path / "folder" / "pulumi").mkdir(parents=True)
    monkeypatch.setenv("PATH", f"{tmp_path}/3.300.0:{tmp_path}/folder:{tmp_path}/none")
    assert find.on_path(">=3.254.0") is None
    assert capsys.readouterr().err == ""


def test_the_first_finder_that_has_one_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    second = find.Cli(ROOT / "second", built_here=True)
    finders = (lambda _required: None, lambda _required: second, lambda _required: 1 / 0)
    monkeypatch.setattr(find, "FINDERS", finders)
    assert find.find(">=3.0.0") is second
