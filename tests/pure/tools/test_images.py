"""What `make images` builds is what the program asks the cluster for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from citus.errors import ConfigError
from tests.graph.program import ROOT
from tools.images import images

pytestmark = pytest.mark.pure

SERVICES = ROOT / "services"
REGISTRY = {"citus:imageRegistry": "registry.example.com/citus"}


def test_each_service_has_one_in_the_registry_of_the_stack() -> None:
    named = images("staging", REGISTRY, SERVICES)
    assert list(named) == ["user", "time", "ping"]
    for name, image in named.items():
        assert re.fullmatch(rf"registry\.example\.com/citus/citus-{name}:[0-9a-f]{{12}}", image)


def test_they_are_those_of_the_config_alone() -> None:
    assert list(images("staging", {**REGISTRY, "citus:services": ["time"]}, SERVICES)) == ["time"]


def test_a_folder_with_an_underscore_is_pushed_where_the_cluster_pulls_from(tmp_path: Path) -> None:
    (tmp_path / "page_views").mkdir()
    (tmp_path / "page_views" / "app.py").touch()
    named = images("staging", {**REGISTRY, "citus:services": ["page_views"]}, tmp_path)
    assert named["page_views"].startswith("registry.example.com/citus/citus-page-views:")


def test_another_base_is_another_image() -> None:
    other = {**REGISTRY, "citus:pythonImage": "python:3.12-slim"}
    assert images("staging", REGISTRY, SERVICES) != images("staging", other, SERVICES)


@pytest.mark.parametrize(
    ("config", "why"),
    [
        ({}, "citus:imageRegistry is empty"),
        ({**REGISTRY, "citus:services": ["moon"]}, r"citus:services\[0\] is moon, which has no"),
        ({**REGISTRY, "citus:services": "user"}, "citus:services is user, which is no list"),
    ],
)
def test_without_a_registry_or_a_folder_it_is_refused(config: dict[str, object], why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        images("staging", config, SERVICES)
