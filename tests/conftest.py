"""What every circle of tests shares.

The header says which engines run; the last lines, what the drills have counted; those that are
long run where ``-m long`` asks for them.
"""

from __future__ import annotations

from collections import Counter

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
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give the tests of one stack to one process, in which it is brought up once, and first."""
    long = "long" in config.option.markexpr
    spared = [i for i in items if _is_spared(i) or (i.get_closest_marker("long") and not long)]
    config.hook.pytest_deselected(items=spared)
    items[:] = [item for item in items if item not in spared]
    items.sort(key=lambda item: "tests/up/" not in item.nodeid)
    for item in items:
        engine = _engine(item)
        if engine and "tests/up/" in item.nodeid:
            item.add_marker(pytest.mark.xdist_group(f"stack-{engine}"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Sum up what the drills have recorded, in whichever process each has run."""
    counts: Counter[str] = Counter()
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            counts.update(dict(report.user_properties))
    if counts:
        counted = ", ".join(f"{name} {count:,}" for name, count in counts.items())
        terminalreporter.write_sep("=", f"drills: {counted}")


def _is_spared(item: pytest.Item) -> bool:
    """Tell whether it is the same on each engine, and runs on the better one as well."""
    callspec = getattr(item, "callspec", None)
    if not callspec or not item.get_closest_marker("one_engine"):
        return False
    best = next(name for name in ("citus", "standin") if engines.find(name))
    found = [value for value in callspec.params.values() if value in engines.NAMES]
    return bool(found) and best not in found


def _engine(item: pytest.Item) -> str | None:
    callspec = getattr(item, "callspec", None)
    engine = callspec.params.get("engine") if callspec else None
    return engine if isinstance(engine, str) else None
