"""`python -m tools.images staging`: build the services' images of a stack, and push them.

Their tags say what they are made of: those of an unchanged checkout are what the program asks for.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from citus.config.containers import PYTHON_IMAGE
from citus.config.services import DEFAULT_SERVICES, check_folders, read_services
from citus.config.stack_config import StackConfig
from citus.errors import ConfigError
from citus.platforms.containers.service_image import image_name, repository
from tools.cli.checkout import ROOT, Project
from tools.cli.failure import ToolError
from tools.cli.platform import platform_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_FOLDER = Path("services")


@dataclass(frozen=True)
class _File:
    """The config of a stack's file, as Pulumi hands it to the program; no secret is asked for."""

    values: Mapping[str, Any]

    def get(self, key: str) -> str | None:
        """Give a value: a text as it is, anything else as JSON."""
        value = self.values.get(f"citus:{key}")
        return value if value is None or isinstance(value, str) else json.dumps(value)


def images(stack: str, config: Mapping[str, Any], folder: Path = _FOLDER) -> dict[str, str]:
    """Name the image of each service of a stack.

    Raises:
        ConfigError: The stack's file says something wrong, or not where the images are.
    """
    read = StackConfig(_File(config), stack)
    services = read_services(read.structure("services", [*DEFAULT_SERVICES]))
    check_folders(stack, services, folder)
    registry = read.plain("imageRegistry", "")
    if not registry.value:
        example = registry.to_set("registry.example.com/citus")
        raise registry.error("is empty, so that the images would be nowhere", example)
    python_image = str(read.plain("pythonImage", PYTHON_IMAGE).value)
    return {
        name: image_name(
            repository(str(registry.value), name), folder=folder / name, python_image=python_image
        )
        for name in services
    }


def main(stack: str) -> int:
    """Build and push each; ARGS goes to ``docker build``, such as ``--platform linux/arm64``."""
    project = Project.at(ROOT)
    settings = project.stack_settings(stack)
    if platform_of(settings, project.settings) != "kubernetes":
        raise ToolError(f"stack {stack} is not on the platform kubernetes: it needs no registry")
    if not shutil.which("docker"):
        raise ToolError("there is no docker here, which builds the images and pushes them")
    config = settings.get("config") or {}
    python_image = config.get("citus:pythonImage", PYTHON_IMAGE)
    more = shlex.split(os.environ.get("ARGS", ""))
    for name, image in images(stack, config).items():
        file = (_FOLDER / name / "Dockerfile").as_posix()
        told = ["--build-arg", f"PYTHON_IMAGE={python_image}", *more]
        _docker("build", "--file", file, "--tag", image, *told, _FOLDER.as_posix())
        _docker("push", image)
    return 0


def _docker(*command: str) -> None:
    code = subprocess.run(["docker", *command], cwd=ROOT, check=False).returncode
    if code:
        raise ToolError(f"`docker {' '.join(command)}` failed (see above)")


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except (ToolError, ConfigError, OSError, ValueError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
