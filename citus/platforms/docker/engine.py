"""The Docker engine that a stack needs: asked for before Pulumi's provider fails on it."""

from __future__ import annotations

import os
import socket
from urllib.parse import urlsplit

from citus.errors import ConfigError

_DEFAULT = "unix:///var/run/docker.sock"
_SECONDS = 3


def check(stack: str) -> None:
    """See that an engine listens where ``DOCKER_HOST`` says.

    Raises:
        ConfigError: Nothing listens there; says how to name another place.
    """
    where = os.environ.get("DOCKER_HOST") or _DEFAULT
    why = _why_not(where)
    if why:
        raise ConfigError(
            f"Pulumi.{stack}.yaml: citus:platform is docker, but no Docker engine answers at "
            f"{where} ({why}): start it, or name another by DOCKER_HOST"
        )


def _why_not(where: str) -> str | None:
    url = urlsplit(where)
    try:
        if url.scheme == "unix":
            with socket.socket(socket.AF_UNIX) as engine:
                engine.settimeout(_SECONDS)
                engine.connect(url.path)
        elif url.scheme == "tcp" and url.hostname:
            socket.create_connection((url.hostname, url.port or 2375), _SECONDS).close()
    except (OSError, ValueError) as error:
        return getattr(error, "strerror", None) or str(error)
    return None  # what is reached by ssh, the provider alone can tell
