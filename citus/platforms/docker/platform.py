"""`DockerPlatform`: the containers of a stack, with the names that they will have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pulumi

from citus.endpoint import Address, Endpoint, Node
from citus.platforms import PostgresNode, RunningService
from citus.platforms.containers import pgpool_conf, postgres_image
from citus.platforms.docker import (
    admin_console_container,
    engine,
    pooler_container,
    postgres_container,
    service_container,
)
from citus.platforms.docker.network import HOST, StackNetwork
from citus.platforms.stack_folder import kept_password
from citus.settings import Settings

_DATABASE = _SUPERUSER = "postgres"


class DockerPlatform:
    """Containers of one engine; the workers alone have no ports outside."""

    name = "docker"

    def __init__(self, settings: Settings) -> None:
        engine.check(settings.stack)
        self._image_platform = engine.image_platform()
        self._settings = settings
        self._network: StackNetwork
        self._coordinator: Node
        self._clients_address: Address  # the coordinator's, or the pooler's in front of it
        self._started: list[pulumi.Resource] = []
        self._poolers: list[pulumi.Resource] = []

    def password_file(self, role: str) -> str:
        """Keep it on the machine that runs Pulumi, for kept volumes and the next `up`."""
        return kept_password(self._settings.stack, role).as_posix()

    def storage(self, _name: str, *, opts: pulumi.ResourceOptions) -> pulumi.Resource:
        """Make the network, which every node waits for; each has a volume of its own."""
        self._network = StackNetwork.make(self._settings.stack, opts)
        return self._network.network

    def node(self, name: str, groupid: int) -> Node:
        """Give a node its own name as its host."""
        return Node(name, groupid, Address(name, postgres_image.PORT))

    def postgres_node(
        self,
        node: Node,
        *,
        settings: Mapping[str, str],
        password: pulumi.Output[str],
        opts: pulumi.ResourceOptions,
    ) -> PostgresNode:
        """Run a node after the one before it: a change restarts one at a time."""
        port = None if node.groupid else self._settings.base_port
        data = self._network.data_volume(node.name, self._kept(opts))
        after = pulumi.ResourceOptions(depends_on=self._started[-1:])
        server = postgres_container.container(
            node,
            network=self._network,
            data=data,
            settings=settings,
            password=password,
            limits=self._settings.containers,
            port=port,
            opts=pulumi.ResourceOptions.merge(opts, after),
        )
        self._started.append(server)
        if node.groupid == 0:
            self._coordinator = node
            self._clients_address = node.address
        reach = (HOST, port) if port else (node.address.host, node.address.port)
        return PostgresNode(node, Endpoint(*reach, _DATABASE, _SUPERUSER, password), server)

    def service(
        self,
        name: str,
        *,
        folder: Path,
        index: int,
        database: Endpoint,
        opts: pulumi.ResourceOptions,
    ) -> RunningService:
        """Build the image of the folder and run it on the service's port.

        It logs in at the pooler where there is one.
        """
        port = self._settings.service_ports[index]
        built = service_container.image(
            name,
            folder=folder,
            network=self._network,
            python_image=self._settings.containers.python_image,
            platform=self._image_platform,
            opts=opts,
        )
        after = pulumi.ResourceOptions(depends_on=self._poolers)
        server = service_container.container(
            name,
            built=built,
            network=self._network,
            port=port,
            address=self._clients_address,
            database=database,
            opts=pulumi.ResourceOptions.merge(opts, after),
        )
        return RunningService(f"http://{HOST}:{port}", server)

    def pooler(
        self, name: str, *, logins: Sequence[Endpoint], opts: pulumi.ResourceOptions
    ) -> RunningService:
        """Run Pgpool-II in front of the coordinator."""
        containers = self._settings.containers
        server = pooler_container.container(
            name,
            network=self._network,
            settings=containers,
            coordinator=self._coordinator.address,
            clients=pgpool_conf.clients(self._settings.postgresql_conf),
            logins=logins,
            opts=opts,
        )
        self._poolers.append(server)
        self._clients_address = Address(name, pgpool_conf.PORT)
        url = f"postgresql://{HOST}:{containers.pooler_port}/{_DATABASE}"
        return RunningService(url, server)

    def admin_console(
        self,
        name: str,
        *,
        nodes: Sequence[Node],
        password: pulumi.Output[str],
        opts: pulumi.ResourceOptions,
    ) -> RunningService:
        """Run pgAdmin; its data stay where the nodes' do."""
        containers = self._settings.containers
        server = admin_console_container.container(
            name,
            network=self._network,
            data=self._network.data_volume(name, self._kept(opts)),
            settings=containers,
            nodes=nodes,
            password=password,
            opts=opts,
        )
        return RunningService(f"http://{HOST}:{containers.admin_console_port}", server)

    def _kept(self, opts: pulumi.ResourceOptions) -> pulumi.ResourceOptions:
        kept = pulumi.ResourceOptions(retain_on_delete=self._settings.retain_data)
        return pulumi.ResourceOptions.merge(opts, kept)
