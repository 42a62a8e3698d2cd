"""One cluster of each engine for all tests of this circle."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from citus import progress
from citus.database import authinfo
from citus.platforms.local.installation import Installation
from tests.live import engines
from tests.live.cluster import Cluster


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip on the stand-in what only a real Citus can show; the marker gives the reason."""
    for item in items:
        marker = item.get_closest_marker("real_only")
        callspec = getattr(item, "callspec", None)
        if marker and callspec and callspec.params.get("engine") == "standin":
            reason = (
                f"real_only: {marker.args[0] if marker.args else 'a real Citus alone shows it'}"
            )
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session", params=engines.NAMES)
def engine(request: pytest.FixtureRequest) -> Installation:
    """Tests run on each engine that this machine has, but for those of one engine."""
    found = engines.find(request.param)
    if found is None:
        pytest.skip(engines.MISSING[request.param])
    return found


@pytest.fixture(scope="session")
def cluster(engine: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Give a coordinator with three workers, and a spare; tests put back what they change."""
    cluster = Cluster.start(engine, tmp_path_factory.mktemp("cluster"))
    try:
        cluster.join()
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture(autouse=True)
def _a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget what a provider's process remembers: in tests every step is another run."""
    progress._warned.clear()
    monkeypatch.setattr(authinfo, "_FRESH_SECONDS", 0)
