"""An image is called by what it is made of, whatever runs it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from citus.platforms.containers.service_image import image_name, repository

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.pure

PYTHON = "python:3.11-slim-bookworm"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a service, and what it shares with another."""
    for file in (
        "__init__.py",
        "requirements.txt",
        "runtime/pool.py",
        "user/app.py",
        "time/app.py",
    ):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text(f"# {file}\n")
    return tmp_path / "user"


def name(folder: Path, python_image: str = PYTHON) -> str:
    return image_name("registry.example.com/citus-user", folder=folder, python_image=python_image)


def test_it_is_in_the_repository_that_was_asked_for_under_a_tag_that_stays(folder: Path) -> None:
    assert re.fullmatch(r"registry\.example\.com/citus-user:[0-9a-f]{12}", name(folder))
    assert name(folder) == name(folder)


@pytest.mark.parametrize(
    ("service", "expected"), [("user", "citus-user"), ("page_views", "citus-page-views")]
)
def test_a_registry_has_it_under_a_name_that_kubernetes_allows(service: str, expected: str) -> None:
    assert repository("registry.example.com", service) == f"registry.example.com/{expected}"


@pytest.mark.parametrize(
    ("file", "another"),
    [
        ("user/app.py", True),
        ("user/new.py", True),
        ("runtime/pool.py", True),
        ("requirements.txt", True),
        ("time/app.py", False),
        ("microservice.py", False),
        ("user/__pycache__/app.pyc", False),
    ],
)
def test_another_file_in_it_is_another_tag(*, folder: Path, file: str, another: bool) -> None:
    before = name(folder)
    changed = folder.parent / file
    changed.parent.mkdir(exist_ok=True)
    changed.write_text("changed")
    assert (name(folder) != before) is another


def test_a_file_of_another_name_is_another_tag(folder: Path) -> None:
    before = name(folder)
    (folder / "app.py").rename(folder / "application.py")
    assert name(folder) != before


def test_what_it_is_built_on_is_in_the_tag(folder: Path) -> None:
    assert name(folder, "python:3.12-slim-bookworm") != name(folder)
