"""One cluster for all tests of this circle, and a namespace for each."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator

import pytest

from tests.kubernetes import control_plane
from tests.kubernetes.cluster import Cluster, running


@pytest.hookimpl(tryfirst=True)  # before xdist looks for groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give the tests of the cluster to one process, in which it is started once."""
    for item in items:
        if item.get_closest_marker("kubernetes"):
            item.add_marker(pytest.mark.xdist_group("kubernetes"))


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Give a cluster of six nodes in three zones."""
    missing = control_plane.missing()
    if missing:
        pytest.skip(missing)
    with running(tmp_path_factory.mktemp("kubernetes")) as found:
        yield found


@pytest.fixture
def namespace(cluster: Cluster, request: pytest.FixtureRequest) -> Iterator[str]:
    """Give a namespace of a test's own, named after it."""
    name = re.sub("[^a-z0-9]+", "-", request.node.name.lower()).strip("-")[:40]
    with cluster.namespace(f"{name}-{uuid.uuid4().hex[:6]}") as found:
        yield found
