"""When the Python environment is taken as made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tools.venv import install

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.pure


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose environment is made for the program, not for the tests."""
    for name in install.REQUIREMENTS["tests"]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"# {name}\n")
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/python").touch()
    (tmp_path / ".venv/.program").write_text(install.wanted(tmp_path, "program"))
    return tmp_path


def test_an_environment_that_is_made_fits(checkout: Path) -> None:
    assert install.fits(checkout, "program")
    assert not install.fits(checkout, "tests")


def test_changed_requirements_do_not_fit(checkout: Path) -> None:
    (checkout / "services/requirements.txt").write_text("# more\n")
    assert not install.fits(checkout, "program")


@pytest.mark.parametrize("gone", ["bin/python", ".program"])
def test_one_without_a_part_does_not_fit(checkout: Path, gone: str) -> None:
    (checkout / ".venv" / gone).unlink()
    assert not install.fits(checkout, "program")


def test_one_that_was_left_in_the_middle_does_not_fit(checkout: Path) -> None:
    (checkout / ".venv/.installing").touch()
    assert not install.fits(checkout, "program")


def test_a_killed_installation_is_made_anew(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (checkout / ".venv/.installing").touch()
    (checkout / ".venv/half").touch()
    monkeypatch.setattr(install, "_create", lambda folder: (folder / "bin").mkdir(parents=True))
    monkeypatch.setattr(
        install, "_install", lambda root, _what: (root / ".venv/bin/python").touch()
    )
    install.ensure(checkout, "tests")
    assert not (checkout / ".venv/half").exists()
    assert install.fits(checkout, "tests")
    assert install.fits(checkout, "program")


def test_a_failed_installation_does_not_fit(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_root: Path, _what: str) -> None:
        raise install.CannotInstall("no index")

    monkeypatch.setattr(install, "_install", fail)
    with pytest.raises(install.CannotInstall):
        install.ensure(checkout, "tests")
    assert not install.fits(checkout, "program")
