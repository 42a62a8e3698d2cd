"""What the first preview of an empty stack knows already."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from citus.database.membership import MembershipProvider
from citus.errors import ConfigError
from tests.graph import program
from tests.graph.docker.containers import image_names
from tests.graph.program import UNKNOWN, without_secrets

if TYPE_CHECKING:
    from pathlib import Path

    from tests.graph.program import Graph

pytestmark = pytest.mark.graph


def test_the_sql_by_which_the_workers_join_is_shown(preview: Graph) -> None:
    inputs = without_secrets(preview.resources["Membership membership"].inputs)
    assert isinstance(inputs, dict)
    planned = MembershipProvider().check({}, inputs).inputs["planned_sql"]
    calls = [sql.split(" -- ")[0] for sql in planned]
    assert calls == [
        "SELECT citus_set_coordinator_host('coordinator', 5432)",
        *(
            f"SELECT citus_add_node('worker-{index}', 5432, groupid := {index + 1})"
            for index in range(3)
        ),
        "SELECT replicate_reference_tables()",
    ]


def test_a_preview_has_the_resources_of_an_up(preview: Graph, up: Graph) -> None:
    assert preview.resources.keys() == up.resources.keys()


def test_of_an_object_on_the_engine_only_the_secret_is_unknown(preview: Graph, up: Graph) -> None:
    for key, resource in preview.resources.items():
        if resource.type.startswith("docker:"):
            known = {k: v for k, v in resource.inputs.items() if UNKNOWN not in json.dumps(v)}
            expected = {k: v for k, v in up.resources[key].inputs.items() if k != "uploads"}
            assert known == expected


def test_outputs_and_images_are_known(preview: Graph, up: Graph) -> None:
    assert preview.outputs["services"] == up.outputs["services"]
    assert preview.outputs["coordinator"] == "coordinator:5432"
    assert image_names(preview) == image_names(up)


def test_without_an_engine_the_program_ends_before_it_declares_anything(
    monkeypatch: pytest.MonkeyPatch, checkout: Path
) -> None:
    monkeypatch.chdir(checkout)
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    with pytest.raises(ConfigError, match="no Docker engine answers at unix:///nowhere"):
        program.run({"platform": "docker"}, secrets={}, preview=True)
