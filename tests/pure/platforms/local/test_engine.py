from __future__ import annotations

import pytest

from citus.platforms.local import engine
from citus.platforms.local.installation import Installation

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("version", "knows"),
    [
        ("15.18", False), ("15.19", True), ("15.20", True),
        ("16.14", False), ("16.15", True),
        ("17.10", False), ("17.11", True),
        ("18.5", False), ("18.6", True),
        ("19.0", True), ("14.99", False),
    ],
)  # fmt: skip
def test_citus_may_be_an_output_plugin_where_the_server_asks_for_that(
    version: str,
    knows: bool,  # noqa: FBT001 - a column of the table
) -> None:
    settings = engine.settings(Installation("/usr/bin", version, has_citus=True))
    assert ("output_plugin_libraries" in settings) is knows


def test_a_server_without_citus_preloads_nothing() -> None:
    settings = engine.settings(Installation("/usr/bin", "18.6", has_citus=False))
    assert list(settings) == ["extension_control_path"]
