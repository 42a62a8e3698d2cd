"""What every circle of tests shares: the line of the header that says which engines run."""

from __future__ import annotations

from tests.live import engines


def pytest_report_header() -> str:
    """Name the databases that the live tests run on."""
    found = (engines.find(name) for name in engines.NAMES)
    return "engines: " + "; ".join(
        engines.describe(installation) if installation else f"no {name} ({engines.MISSING[name]})"
        for name, installation in zip(engines.NAMES, found, strict=True)
    )
