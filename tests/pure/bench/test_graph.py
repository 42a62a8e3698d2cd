from __future__ import annotations

import pytest

from bench.programs.graph import KINDS, PREFIX, Vertex, vertices

pytestmark = pytest.mark.pure


def test_each_service_has_a_role_then_a_schema_then_its_tables() -> None:
    assert list(vertices(4)) == [
        Vertex("role", f"{PREFIX}0000"),
        Vertex("schema", f"{PREFIX}0000"),
        Vertex("migrations", f"{PREFIX}0000"),
        Vertex("role", f"{PREFIX}0001"),
    ]


@pytest.mark.parametrize("resources", [0, 1, 3, 1000])
def test_there_are_as_many_resources_as_asked_for_and_no_two_alike(resources: int) -> None:
    made = list(vertices(resources))
    assert len(set(made)) == len(made) == resources


def test_a_role_alone_depends_on_nothing() -> None:
    assert [kind for kind in KINDS if Vertex(kind, "a").is_first] == ["role"]
