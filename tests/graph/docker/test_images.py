"""An image is tagged by what it is made of, so that what has not changed does not start anew."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest

from citus.errors import ConfigError
from tests.graph.docker.containers import NODES, SECRETS, SERVICES, image_names, inputs
from tests.graph.program import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.graph.program import Graph

pytestmark = pytest.mark.graph


@pytest.fixture
def editable(tmp_path: Path) -> Path:
    """A folder with services of its own, which a test may change."""
    left_out = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "services", tmp_path / "services", ignore=left_out)
    (tmp_path / "sql").symlink_to(ROOT / "sql")
    return tmp_path


def test_every_container_has_an_image_with_a_tag_that_stays(up: Graph) -> None:
    images = {name: inputs(up, name)["image"] for name in up.of_kind("Container")}
    assert images.keys() == {*NODES, *SERVICES, *SECRETS}
    for image in images.values():
        assert re.fullmatch(r"[^:]+:[\w.-]+", image)
        assert not image.endswith(":latest")


@pytest.mark.parametrize("key", ["nodeImage", "pythonImage"])
@pytest.mark.parametrize("image", ["citus:latest", "citus"])
def test_an_image_that_is_another_from_day_to_day_is_refused(
    run: Callable[..., Graph], key: str, image: str
) -> None:
    with pytest.raises(ConfigError, match=f"citus:{key} is {image}, which"):
        run(**{key: image})


@pytest.mark.parametrize(
    ("file", "changed"),
    [
        ("user/app.py", {"user"}),
        ("time/Dockerfile", {"time"}),
        ("ping/a_new_file.py", {"ping"}),
        ("runtime/pool.py", {*SERVICES}),
        ("requirements.txt", {*SERVICES}),
        ("__init__.py", {*SERVICES}),
        ("microservice.py", set()),
        ("user/__pycache__/app.cpython-311.pyc", set()),
    ],
    ids=[
        "a file of a service",
        "a Dockerfile",
        "a new file of a service",
        "a file that all share",
        "a dependency",
        "the package",
        "the component, which is in no image",
        "what Python has compiled",
    ],
)
def test_a_changed_file_is_a_new_image_of_just_what_it_is_in(
    run: Callable[..., Graph], editable: Path, file: str, changed: set[str]
) -> None:
    before = image_names(run(folder=editable))
    path = editable / "services" / file
    path.parent.mkdir(exist_ok=True)
    with path.open("a") as opened:
        opened.write("\n# another line\n")
    after = image_names(run(folder=editable))
    assert before.keys() == after.keys() == {*SERVICES}
    assert {name for name in SERVICES if before[name] != after[name]} == changed


def test_another_python_is_another_image_of_all(run: Callable[..., Graph], up: Graph) -> None:
    other = run(pythonImage="python:3.12-slim-bookworm")
    for name in SERVICES:
        assert image_names(other)[name] != image_names(up)[name]
        build = other.resources[f"Image {name}-image"].inputs["build"]
        assert build["args"] == {"PYTHON_IMAGE": "python:3.12-slim-bookworm"}


def test_the_same_files_elsewhere_are_the_same_image(
    run: Callable[..., Graph], up: Graph, editable: Path
) -> None:
    assert image_names(run(folder=editable)) == image_names(up)


def test_images_are_for_what_the_engine_runs(up: Graph) -> None:
    built = [up.resources[f"Image {name}"].inputs["build"] for name in up.of_kind("Image")]
    assert [build["platform"] for build in built] == ["linux/arm64"] * len(SERVICES)
