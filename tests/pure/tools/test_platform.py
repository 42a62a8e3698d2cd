"""What a stack runs on, and a sentence where that is not there."""

from __future__ import annotations

from typing import Any

import pytest

from tools.cli import platform as tools_platform
from tools.cli.failure import ToolError
from tools.cli.invocation import Invocation

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("stack", "project", "platform"),
    [
        ({}, {}, None),
        ({"config": None}, {"config": {"platform": {"type": "string"}}}, None),
        ({}, {"config": {"platform": {"default": "local"}}}, "local"),
        ({}, {"config": {"platform": "docker"}}, "docker"),
        ({"config": {"citus:platform": "kubernetes"}}, {"config": {"platform": "local"}},
         "kubernetes"),
    ],
    ids=["nowhere", "no default", "by default", "by shorthand", "the stack's file wins"],
)  # fmt: skip
def test_the_platform_of_a_stack(
    stack: dict[str, Any], project: dict[str, Any], platform: str | None
) -> None:
    assert tools_platform.platform_of(stack, project) == platform


def test_a_stack_of_containers_needs_an_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere.sock")
    with pytest.raises(ToolError) as refused:
        tools_platform.require("docker", "docker")
    assert str(refused.value) == (
        "Pulumi.docker.yaml: citus:platform is docker, but no Docker engine answers at "
        "unix:///nowhere.sock (No such file or directory): start it, or name another by DOCKER_HOST"
    )


@pytest.mark.parametrize("platform", ["local", "kubernetes", None])
def test_no_other_does(platform: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere.sock")
    tools_platform.require(platform, "dev")


@pytest.mark.parametrize(
    ("line", "deploys"),
    [
        ("up", True),
        ("--stack docker preview --refresh", True),
        ("pre", True),
        ("down --yes", True),
        ("refresh", True),
        ("up --help", False),
        ("config set platform docker", False),
        ("stack output", False),
        ("", False),
    ],
)
def test_what_talks_to_the_platform(line: str, deploys: bool) -> None:  # noqa: FBT001
    assert Invocation.parse(line.split()).deploys is deploys
