"""A stack keeps its platform as long as it is up."""

from __future__ import annotations

from typing import Any

import pytest

from citus.errors import Refused
from citus.platforms.record import PlatformRecordProvider
from citus.settings import PLATFORMS

pytestmark = pytest.mark.pure

DOCKER = {"stack": "trial", "platform": "docker"}
LOCAL = {"stack": "trial", "platform": "local"}


def refused(olds: dict[str, Any], news: dict[str, Any]) -> list[str]:
    return [failure.reason for failure in PlatformRecordProvider().check(olds, news).failures]


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("recorded", [True, False], ids=["recorded", "of a new stack"])
def test_its_own_platform_is_taken(platform: str, *, recorded: bool) -> None:
    inputs = {"stack": "trial", "platform": platform}
    assert refused(inputs if recorded else {}, inputs) == []


@pytest.mark.parametrize(("old", "new"), [(DOCKER, LOCAL), (LOCAL, DOCKER)])
def test_another_platform_is_refused_in_a_sentence(
    old: dict[str, Any], new: dict[str, Any]
) -> None:
    was, asked = old["platform"], new["platform"]
    [said] = refused(old, new)
    assert said == (
        f"stack trial is up on the platform {was}, and its data do not move to {asked}: "
        f"set citus:platform to {was} again, and declare a stack of its own for {asked}"
    )


def test_what_is_recorded_is_read_back_as_it_was_declared() -> None:
    created = PlatformRecordProvider().create({**DOCKER, "__provider": "…"})
    assert (created.id, created.outs) == ("docker", DOCKER)
    assert not PlatformRecordProvider().diff("docker", created.outs or {}, DOCKER).changes
    assert PlatformRecordProvider().diff("docker", created.outs or {}, LOCAL).changes


def test_an_unreadable_declaration_is_refused_too() -> None:
    with pytest.raises(Refused):
        PlatformRecordProvider().create({"stack": "trial", "platform": 7})
