"""What every circle of tests shares: the line of the header that says which engines run."""

from __future__ import annotations

import pytest

from tests.live import engines


def pytest_report_header() -> str:
    """Name the databases that the live tests run on."""
    found = (engines.find(name) for name in engines.NAMES)
    return "engines: " + "; ".join(
        engines.describe(installation) if installation else f"no {name} ({engines.MISSING[name]})"
        for name, installation in zip(engines.NAMES, found, strict=True)
    )


@pytest.hookimpl(tryfirst=True)  # before xdist looks for groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give the tests of one stack to one process, in which it is brought up once, and first."""
    items.sort(key=lambda item: "tests/up/" not in item.nodeid)
    for item in items:
        callspec = getattr(item, "callspec", None)
        if callspec and "engine" in callspec.params and "tests/up/" in item.nodeid:
            item.add_marker(pytest.mark.xdist_group(f"stack-{callspec.params['engine']}"))
