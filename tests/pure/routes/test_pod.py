"""The pod that a route names."""

from __future__ import annotations

import pytest

from citus.errors import NoRoute
from citus.routes.pod import Pod

pytestmark = pytest.mark.pure


def test_a_route_names_a_pod() -> None:
    assert Pod.of("kubernetes:citus-prod/coordinator-0") == Pod("citus-prod", "coordinator-0")


@pytest.mark.parametrize(
    "route",
    [
        "direct",
        "kubernetes:coordinator-0",
        "kubernetes:/coordinator-0",
        "kubernetes:citus-prod/",
        "kubernetes:citus-prod/coordinator-0/exec",
        "kubernetes:citus-prod/../../secrets",
        "kubernetes:citus-prod/coordinator-0?command=sh",
        "kubernetes:Citus/coordinator-0",
        "docker:citus-prod/coordinator-0",
    ],
)
def test_what_names_no_pod_is_refused(route: str) -> None:
    with pytest.raises(NoRoute, match="is no route") as refused:
        Pod.of(route)
    assert refused.value.final
