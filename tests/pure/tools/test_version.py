"""Which versions of the CLI Pulumi.yaml allows."""

from __future__ import annotations

import pytest

from tools.cli.failure import ToolError
from tools.cli.version import satisfies

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("version", "required", "allowed"),
    [
        ("", ">=3.254.0", False),
        ("no version", ">=3.254.0", False),
        ("v3.253.9", ">=3.254.0", False),
        ("v3.254.0-alpha.1", ">=3.254.0", False),
        ("v4.0.0", ">=3.254.0 <4.0.0", False),
        ("v3.254.0", ">=3.254.0", True),
        ("v3.1000.0\n", ">=3.254.0", True),
        ("v3.259.0", ">=3.254.0 <4.0.0", True),
        ("v5.0.0", "<4.0.0 || >=5.0.0", True),
    ],
)
def test_a_version_is_in_a_range(version: str, required: str, allowed: bool) -> None:  # noqa: FBT001
    assert satisfies(version, required) is allowed


def test_a_bad_range_is_refused_by_its_name() -> None:
    with pytest.raises(ToolError, match=r"requiredPulumiVersion 'new' of Pulumi\.yaml"):
        satisfies("v3.259.0", "new")
