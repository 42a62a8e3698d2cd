"""When a stack is changed without asking."""

from __future__ import annotations

from typing import Any

import pytest

from tools.stack import consent

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("platform", "said_yes", "given"),
    [
        (None, False, False),
        ("kubernetes", False, False),
        ("docker", False, False),
        ("kubernetes", True, True),
        ("local", False, True),
    ],
)
def test_consent(platform: str | None, said_yes: bool, given: bool) -> None:  # noqa: FBT001
    assert consent.is_given(platform, said_yes=said_yes) is given


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
    assert consent.platform_of(stack, project) == platform
