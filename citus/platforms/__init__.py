"""What a cluster runs on: one folder each, behind one `Platform`.

A platform gives addresses before it gives servers: they are computed from names and
settings, so that a preview knows them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from citus.endpoint import Endpoint, Node
from citus.node_size import NodeSize

if TYPE_CHECKING:
    from pathlib import Path

    import pulumi

    from citus.settings import Settings


@dataclass(frozen=True)
class PostgresNode:
    """A running PostgreSQL server that has the extension ``citus``."""

    node: Node
    endpoint: Endpoint
    resource: pulumi.Resource


@dataclass(frozen=True)
class RunningService:
    """A service, a pooler or an admin console that answers."""

    url: str
    resource: pulumi.Resource


class Platform(Protocol):
    """What every platform can do; `name` is what `citus:platform` calls it."""

    name: str

    def password_file(self, role: str) -> str:
        """Where a password is kept with the data; empty where the platform has no such place."""

    def storage(self, name: str, *, opts: pulumi.ResourceOptions) -> pulumi.Resource:
        """Make what every node waits for: the place of their data, or their network."""

    def node(self, name: str, groupid: int) -> Node:
        """Compute a node's address; makes nothing."""

    def postgres_node(
        self,
        node: Node,
        *,
        settings: Mapping[str, str],
        password: pulumi.Output[str],
        opts: pulumi.ResourceOptions,
    ) -> PostgresNode:
        """Run one PostgreSQL server with these settings and the superuser's password."""

    def service(
        self,
        name: str,
        *,
        folder: Path,
        index: int,
        database: Endpoint,
        opts: pulumi.ResourceOptions,
    ) -> RunningService:
        """Run the service of a folder, logged in to *database* as its own role."""

    def pooler(
        self, name: str, *, logins: Sequence[Endpoint], opts: pulumi.ResourceOptions
    ) -> RunningService:
        """Run a pooler in front of the coordinator for these roles and for later services."""

    def admin_console(
        self,
        name: str,
        *,
        nodes: Sequence[Node],
        password: pulumi.Output[str],
        opts: pulumi.ResourceOptions,
    ) -> RunningService:
        """Run a console that knows the nodes, for whoever has the password."""


def open_platform(settings: Settings) -> Platform:
    """Give the platform that the settings name; `Settings` has refused any other."""
    # Only what is used is loaded: each has packages of its own.
    if settings.platform == "docker":
        from citus.platforms.docker.platform import DockerPlatform  # noqa: PLC0415

        return DockerPlatform(settings)
    if settings.platform == "kubernetes":
        from citus.platforms.kubernetes.platform import KubernetesPlatform  # noqa: PLC0415

        return KubernetesPlatform(settings)
    from citus.platforms.local.platform import LocalPlatform  # noqa: PLC0415

    return LocalPlatform(settings)


def node_size(settings: Settings) -> NodeSize:
    """Give the size of a node; where its machine may be any, what is declared of it."""
    if settings.platform == "local":
        from citus.platforms.local import machine  # noqa: PLC0415 - as above

        return machine.node_size()
    in_a_cluster = settings.platform == "kubernetes"
    storage = settings.kubernetes.storage * 1024 if in_a_cluster else 0
    return NodeSize(memory=settings.containers.memory, storage=storage)
