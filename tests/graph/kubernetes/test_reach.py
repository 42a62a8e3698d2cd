"""A Service that the coordinator is reached by is there, with its address, before its pod."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.graph.kubernetes.objects import objects

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.graph.program import Graph

pytestmark = pytest.mark.graph

SERVICE, POD = "Service coordinator-reach", "StatefulSet coordinator"


def test_whoever_asks_the_database_asks_an_address_that_is_there(
    run_in_kubernetes: Callable[..., Graph],
) -> None:
    graph = run_in_kubernetes(
        reach="loadBalancer", reachHost="citus.example.com", reachFrom='["203.0.113.0/24"]'
    )
    assert SERVICE in graph.reachable(POD)
    assert SERVICE in graph.reachable("Extension citus")


def test_by_a_port_forward_there_is_none(up: Graph) -> None:
    assert SERVICE not in objects(up)
