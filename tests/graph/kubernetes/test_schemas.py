"""Every object of the stacks that this repository has, against the API schemas of two versions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import kubernetes_validate
import pytest
import yaml  # type: ignore[import-untyped]

from tests.graph.kubernetes.objects import objects
from tests.graph.program import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.graph.program import Graph

pytestmark = pytest.mark.graph

STACKS = ("staging", "prod", "sentry")
VERSIONS = ("1.30", "1.36")


@pytest.fixture(scope="session")
def stack(run_in_kubernetes: Callable[..., Graph]) -> Callable[[str], Graph]:
    """Give the graph of a stack with its committed config."""
    graphs: dict[str, Graph] = {}

    def stack(name: str) -> Graph:
        if name not in graphs:
            graphs[name] = run_in_kubernetes(**committed(name))
        return graphs[name]

    return stack


def committed(name: str) -> dict[str, str]:
    """Read a stack's file as Pulumi hands it to the program."""
    config = yaml.safe_load((ROOT / f"Pulumi.{name}.yaml").read_text())["config"]
    return {
        key.removeprefix("citus:"): value if isinstance(value, str) else json.dumps(value)
        for key, value in config.items()
    }


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", STACKS)
def test_every_object_of_the_stack_is_what_the_api_takes(
    stack: Callable[[str], Graph], name: str, version: str
) -> None:
    declared = objects(stack(name))
    assert len(declared) > 30
    wrong = {key: said for key, given in declared.items() if (said := refusal(given, version))}
    assert wrong == {}


@pytest.mark.parametrize("version", VERSIONS)
def test_a_slip_of_the_pen_would_be_seen(stack: Callable[[str], Graph], version: str) -> None:
    node = objects(stack("staging"))["StatefulSet coordinator"]
    assert not refusal(node, version)
    assert refusal({**node, "spec": {**node["spec"], "replica": 1}}, version)


def refusal(given: dict[str, Any], version: str) -> str:
    """Say what a version's schema has against an object."""
    try:
        kubernetes_validate.validate(given, version, strict=True)
    except kubernetes_validate.ValidationError as error:
        return str(error.message)
    return ""
