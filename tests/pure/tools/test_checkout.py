"""Which stacks a checkout has."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.cli.checkout import Project
from tools.cli.failure import ToolError

pytestmark = pytest.mark.pure


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with two stacks."""
    for name in ("Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.try.eu.yaml"):
        (tmp_path / name).write_text("name: citus\n")
    return Project.at(tmp_path)


def test_its_stacks_are_those_that_have_a_file_whole_names_included(project: Project) -> None:
    assert project.stacks() == ["dev", "try.eu"]


def test_a_stack_without_a_file_is_refused_and_the_others_are_named(project: Project) -> None:
    project.require("try.eu")
    with pytest.raises(ToolError, match=r"\(stacks: dev, try\.eu\)"):
        project.require("try")
