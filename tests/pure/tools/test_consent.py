"""When a stack is changed without asking."""

from __future__ import annotations

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
