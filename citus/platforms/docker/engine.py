"""The Docker engine of this machine, asked by its own API: whether it is there, and what it has."""

from __future__ import annotations

import errno
import http.client
import json
import os
import socket
from typing import Any
from urllib.parse import quote, urlsplit

from citus.errors import ConfigError, Refused

_DEFAULT = "unix:///var/run/docker.sock"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_SECONDS = 5
_STOP_SECONDS = 60  # for a checkpoint
_NOT_FOUND = 404
_ERROR = 400


def check(stack: str) -> None:
    """See that an engine of this machine answers where ``DOCKER_HOST`` says.

    Raises:
        ConfigError: None does, or it is another machine's, whose ports would not be here.
    """
    where = _host()
    try:
        status, said = _ask("GET", "/info")
        why = str(said) if status >= _ERROR else ""
    except OSError as error:
        denied = "you may not use it: join the group docker"
        why = denied if error.errno == errno.EACCES else error.strerror or str(error)
    except (ValueError, http.client.HTTPException) as error:
        why = str(error)
    if why:
        raise ConfigError(
            f"Pulumi.{stack}.yaml: citus:platform is docker, but no Docker engine answers at "
            f"{where} ({why}): start it, or name another of this machine by DOCKER_HOST"
        )


def image_platform() -> str:
    """Give what the engine runs, such as ``linux/amd64``."""
    _, version = _ask("GET", "/version")
    return f"{version['Os']}/{version['Arch']}"


def has_volume(name: str) -> bool:
    """Tell whether the engine has a volume."""
    return _ask("GET", f"/volumes/{quote(name)}")[0] != _NOT_FOUND


def is_starting(container: str) -> bool:
    """Tell whether a container runs, and whether it is healthy is not known yet."""
    _, found = _ask("GET", f"/containers/{quote(container)}/json")
    state = found.get("State", {}) if isinstance(found, dict) else {}
    return bool(state.get("Running")) and (state.get("Health") or {}).get("Status") == "starting"


def remove_container(name: str) -> None:
    """Stop a container, and remove it with the volumes that have no name; gone is fine."""
    _ask("POST", f"/containers/{quote(name)}/stop?t={_STOP_SECONDS}", _STOP_SECONDS + 30)
    _do("DELETE", f"/containers/{quote(name)}?force=true&v=true")


def remove_network(name: str) -> None:
    """Remove a network; gone is fine."""
    _do("DELETE", f"/networks/{quote(name)}")


def _do(method: str, path: str) -> None:
    status, said = _ask(method, path)
    if status >= _ERROR and status != _NOT_FOUND:
        raise Refused(f"the Docker engine at {_host()} refuses {method} {path}: {said}")


def _ask(method: str, path: str, seconds: float | None = None) -> tuple[int, Any]:
    engine = _Engine("localhost", timeout=seconds or _SECONDS)
    try:
        engine.request(method, path)
        answer = engine.getresponse()
        text = answer.read().decode()
    finally:
        engine.close()
    found = json.loads(text) if text.strip().startswith(("{", "[")) else text.strip()
    said = found.get("message", found) if isinstance(found, dict) else found
    return answer.status, said


class _Engine(http.client.HTTPConnection):
    def connect(self) -> None:
        """Connect to where DOCKER_HOST says, a socket's file or a port of this machine."""
        url = urlsplit(_host())
        if url.scheme == "unix":
            self.sock = socket.socket(socket.AF_UNIX)
            self.sock.settimeout(self.timeout)
            self.sock.connect(url.path)
        elif url.scheme == "tcp" and url.hostname in _LOOPBACK:
            self.sock = socket.create_connection((url.hostname, url.port or 2375), self.timeout)
        else:
            raise ValueError("it is not this machine's, where the stack's ports would be")


def _host() -> str:
    return os.environ.get("DOCKER_HOST") or _DEFAULT
