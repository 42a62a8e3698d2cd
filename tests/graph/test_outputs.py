"""What a stack gives, and what a preview knows of it already."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from citus.errors import ConfigError
from citus.platforms.local import engine
from tests.graph.program import CHANGED, SHARDS, UNKNOWN, is_secret
from tests.pure.platforms.local import fake_installation

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.graph.program import Graph

pytestmark = pytest.mark.graph

SCHEMAS = ["user_service", "time_service", "ping_service"]
SERVICES = {
    "user": "http://127.0.0.1:6000",
    "time": "http://127.0.0.1:6001",
    "ping": "http://127.0.0.1:6002",
}


def test_outputs_are_those_of_the_design(up: Graph) -> None:
    plain = {key: value for key, value in up.outputs.items() if not is_secret(value)}
    assert plain == {
        "coordinator": "127.0.0.1:15432",
        "citusVersion": "13.2-1",
        "workers": ["127.0.0.1:15433"],
        "schemas": [{"name": name, "owner": name, "colocationId": 7} for name in SCHEMAS],
        "shards": SHARDS,
        "services": SERVICES,
        "databaseUrls": plain["databaseUrls"],
    }


def test_urls_with_a_password_are_secrets(up: Graph) -> None:
    urls = {"adminUrl": up.outputs["adminUrl"], **up.outputs["databaseUrls"]}
    assert all(map(is_secret, urls.values()))
    login = "generated-password@127.0.0.1:15432/postgres"
    assert {role: url["value"] for role, url in urls.items()} == {
        "adminUrl": f"postgresql://postgres:{login}",
        **{name: f"postgresql://{name}:{login}" for name in SCHEMAS},
    }


def test_addresses_are_known_in_a_preview(preview: Graph) -> None:
    members = preview.resources["Membership membership"].inputs
    assert members["coordinator"] == {"host": "127.0.0.1", "port": 15432}
    assert [members["workers"][f"worker-{i}"]["port"] for i in range(3)] == [15433, 15434, 15435]
    assert preview.outputs["coordinator"] == "127.0.0.1:15432"
    assert preview.outputs["services"] == SERVICES


def test_passwords_and_times_alone_are_unknown_in_a_preview(preview: Graph, up: Graph) -> None:
    """All that a plan is made of is known, so that the first preview shows all SQL."""
    found = ["generated-password", CHANGED["changed_at"]]
    unknown = {k for k, r in preview.resources.items() if UNKNOWN in json.dumps(r.inputs)}
    holders = {
        k for k, r in up.resources.items() if any(text in json.dumps(r.inputs) for text in found)
    }
    assert unknown == holders
    for key in unknown:
        known = json.loads(json.dumps(preview.resources[key].inputs).replace(UNKNOWN, "?"))
        inputs = json.dumps(up.resources[key].inputs)
        for text in found:
            inputs = inputs.replace(text, "?")
        assert known == json.loads(inputs)


def test_nothing_but_the_placements_is_made_of_when_another_changed(up: Graph) -> None:
    holders = [k for k, r in up.resources.items() if CHANGED["changed_at"] in json.dumps(r.inputs)]
    assert holders == ["Placements placements"]


def test_a_preview_has_the_resources_of_an_up(preview: Graph, up: Graph) -> None:
    assert preview.resources.keys() == up.resources.keys()


def test_a_server_has_what_its_engine_needs(up: Graph) -> None:
    for name in up.of_kind("PostgresServer"):
        settings = up.resources[f"PostgresServer {name}"].inputs["settings"]
        assert settings["shared_preload_libraries"] == "citus"
    assert up.warnings == []


def test_the_stand_in_is_announced(run: Callable[..., Graph], tmp_path: Path) -> None:
    postgres = fake_installation.make(tmp_path, "18.1", has_citus=False)
    graph = run(postgresBin=str(postgres))
    settings = graph.resources["PostgresServer coordinator"].inputs["settings"]
    assert "extension_control_path" in settings
    assert "shared_preload_libraries" not in settings
    assert graph.warnings == [engine.WARNING]


@pytest.mark.parametrize(
    ("key", "value"), [("workers", "0"), ("platform", "moon"), ("postgresBin", "/nowhere")]
)
def test_a_bad_setting_ends_the_program_in_a_sentence(
    run: Callable[..., Graph], key: str, value: str
) -> None:
    with pytest.raises(ConfigError, match=f"citus:{key} is {value}, which"):
        run(**{key: value})
