from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.live.cluster import Cluster
from tests.live.database.kind import Kind
from tests.live.database.place import Place, a_name, make_database

Placed = Callable[[Kind, Place], Place]


@pytest.fixture
def place(cluster: Cluster, tmp_path: Path) -> Place:
    """Give names of this test's own in the cluster's database."""
    return Place(cluster, a_name(), tmp_path)


@pytest.fixture(scope="session")
def own_database(cluster: Cluster) -> str:
    """Make a database beside the cluster's, for what is about the whole of one."""
    make_database(cluster, "apart")
    return "apart"


@pytest.fixture
def placed(own_database: str) -> Placed:
    """Give a kind the place that it needs, with nothing of its own there."""

    def place_it(kind: Kind, place: Place) -> Place:
        if kind.own_database:
            place = replace(place, database=own_database)
        place.by_hand(kind.nothing)
        return place

    return place_it


@pytest.fixture
def kind_place(place: Place, kind: Kind, placed: Placed) -> Place:
    """Give the place that a kind of the table needs."""
    return placed(kind, place)
