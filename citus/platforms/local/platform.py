"""`LocalPlatform`: the servers and services of a stack, with the addresses they will have."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Never

import pulumi

from citus.endpoint import Address, Endpoint, Node
from citus.errors import ConfigError
from citus.platforms import PostgresNode, RunningService
from citus.platforms.local import engine, installation
from citus.platforms.local.data_root import DataRoot
from citus.platforms.local.postgres_server import PostgresServer
from citus.platforms.local.server import DATABASE, SUPERUSER
from citus.platforms.local.service_process import ServiceProcess
from citus.platforms.stack_folder import folder_of, kept_password
from citus.settings import Settings

HOST = "127.0.0.1"


class LocalPlatform:
    """Processes of this machine, in ``.local/<stack>/``."""

    name = "local"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._root = folder_of(settings.stack)
        self._postgres = installation.choose(self._root, settings.postgres_bin)
        if not self._postgres.has_citus:
            pulumi.log.warn(engine.WARNING)

    def password_file(self, role: str) -> str:
        """Keep it in the data root."""
        return kept_password(self._settings.stack, role).as_posix()

    def storage(self, name: str, *, opts: pulumi.ResourceOptions) -> pulumi.Resource:
        """Make the data root."""
        return DataRoot(name, path=self._root, postgres=self._postgres, opts=opts)

    def node(self, name: str, groupid: int) -> Node:
        """Give the port by the group: the coordinator's is the base port."""
        return Node(name, groupid, Address(HOST, self._settings.base_port + groupid))

    def postgres_node(
        self,
        node: Node,
        *,
        settings: Mapping[str, str],
        password: pulumi.Output[str],
        opts: pulumi.ResourceOptions,
    ) -> PostgresNode:
        """Run a server; this machine reaches it as the members do."""
        host, port = node.address.host, node.address.port
        server = PostgresServer(
            node.name,
            folder=self._root / node.name,
            host=host,
            port=port,
            bin_folder=self._postgres.bin,
            major=self._postgres.major,
            settings={**settings, **engine.settings(self._postgres)},
            password=password,
            opts=opts,
        )
        endpoint = Endpoint(host, port, DATABASE, SUPERUSER, password)
        return PostgresNode(node, endpoint, server)

    def service(
        self,
        name: str,
        *,
        folder: Path,
        index: int,
        database: Endpoint,
        opts: pulumi.ResourceOptions,
    ) -> RunningService:
        """Run the folder under gunicorn on the service's port."""
        port = self._settings.service_ports[index]
        process = ServiceProcess(
            name,
            folder=self._root / "services" / name,
            host=HOST,
            port=port,
            environment={
                "DATABASE_HOST": database.host,
                "DATABASE_PORT": str(database.port),
                "DATABASE_NAME": database.database,
                "DATABASE_USER": database.user,
            },
            source=[folder, folder.parent / "runtime"],
            password=database.password,
            opts=opts,
        )
        return RunningService(f"http://{HOST}:{port}", process)

    def pooler(self, name: str, **_others: object) -> Never:
        """Refuse it, as the settings have done already."""
        self._refuse(name)

    def admin_console(self, name: str, **_others: object) -> Never:
        """Refuse it, as the settings have done already."""
        self._refuse(name)

    def _refuse(self, what: str) -> Never:
        raise ConfigError(f"{what} needs containers, which the platform {self.name} has none of")
