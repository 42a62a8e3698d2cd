"""Whether this machine can run the platform `docker`, and what is on its engine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from citus.config.containers import NODE_IMAGE, PYTHON_IMAGE

_PLUGIN = "resource-docker-v5.1.0"


def missing() -> str:
    """Say what is missing; empty where everything is at hand."""
    if shutil.which("docker") is None:
        return "no docker command"
    for image in (NODE_IMAGE, PYTHON_IMAGE):
        found = _docker("image", "inspect", image)
        if found.returncode:
            return f"no Docker engine with the image {image}: {found.stderr.strip()}"
    if left("citus-dev-"):
        return "a stack dev is on the engine already, and not the tests'"
    home = Path(os.environ.get("PULUMI_HOME", Path.home() / ".pulumi"))
    if not (home / "plugins" / _PLUGIN).exists():
        return f"no Pulumi plugin {_PLUGIN}"
    return ""


def docker(*command: str) -> str:
    """Run a command of the engine's, which must work."""
    done = _docker(*command)
    assert done.returncode == 0, done.stderr
    return done.stdout


def inspect(container: str) -> dict[str, Any]:
    """Give all that the engine knows of a container."""
    [found] = json.loads(docker("inspect", container))
    return dict(found)


def left(prefix: str) -> list[str]:
    """Name the containers, volumes and networks that begin with *prefix*."""
    lists = (("ps", "-a", "--format", "{{.Names}}"), ("volume", "ls", "-q"))
    networks = ("network", "ls", "--format", "{{.Name}}")
    names = [name for command in (*lists, networks) for name in docker(*command).split()]
    return [name for name in names if name.startswith(prefix)]


def _docker(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ("docker", *command), capture_output=True, text=True, check=False, timeout=60
    )
