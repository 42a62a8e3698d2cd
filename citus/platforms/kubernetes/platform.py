"""`KubernetesPlatform`: the objects of a stack in one cluster, with the names they will have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pulumi

from citus.endpoint import Address, Endpoint, Node
from citus.platforms import PostgresNode, RunningService
from citus.platforms.containers import pgpool_conf, postgres_image
from citus.platforms.kubernetes import (
    admin_console,
    api,
    network_policies,
    pooler,
    postgres_node,
    reach,
    service,
    storage,
)
from citus.platforms.kubernetes.certificate_authority import CertificateAuthority
from citus.platforms.kubernetes.cluster_record import ClusterRecord
from citus.platforms.kubernetes.namespace import StackNamespace
from citus.settings import Settings

_DATABASE = _SUPERUSER = "postgres"


class KubernetesPlatform:
    """StatefulSets and Deployments; nothing but the coordinator is reached from outside."""

    name = "kubernetes"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._cluster = api.identity(settings)
        self._namespace: StackNamespace
        self._authority: CertificateAuthority
        self._started: list[pulumi.Resource] = []
        self._coordinator: Node
        self._clients_address: Address  # the coordinator's, or the pooler's in front of it
        self._poolers: list[pulumi.Resource] = []

    def password_file(self, _role: str) -> str:
        """Keep none: they are in the state, sealed, and in the Secrets of the namespace."""
        return ""

    def storage(self, name: str, *, opts: pulumi.ResourceOptions) -> pulumi.Resource:
        """Make the namespace, what may talk to what in there, and the class of the volumes."""
        record = ClusterRecord(
            "cluster",
            stack=self._settings.stack,
            identity=self._cluster,
            namespace=self._settings.kubernetes.namespace,
            opts=opts,
        )
        opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[record]))
        self._namespace = StackNamespace.make(self._settings, opts)
        self._authority = CertificateAuthority(
            "authority", common_name=f"citus {self._settings.stack}", opts=opts
        )
        network_policies.make(self._namespace, opts)
        postgres_node.budget(self._namespace, opts)
        return storage.make(name, of=self._namespace, opts=opts)

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
        if node.groupid == 0:
            self._coordinator = node
            self._clients_address = node.address
            # Before its pod, so that it has an address when the database is asked.
            self._started.extend(reach.expose(node, of=self._namespace, opts=opts))
        server = postgres_node.run(
            node,
            of=self._namespace,
            conf=settings,
            password=password,
            authority=self._authority,
            after=self._started[-1:],
            opts=opts,
        )
        self._started.append(server)
        host, port, route = reach.of(node, self._settings)
        endpoint = Endpoint(host, port, _DATABASE, _SUPERUSER, password, route, tls=True)
        return PostgresNode(node, endpoint, server)

    def service(
        self,
        name: str,
        *,
        folder: Path,
        index: int,  # noqa: ARG002 - its port on another platform; each has an address here
        database: Endpoint,
        opts: pulumi.ResourceOptions,
    ) -> RunningService:
        """Run the image of the folder; it logs in at the pooler where there is one."""
        after = pulumi.ResourceOptions(depends_on=self._poolers)
        name = name.replace("_", "-")  # which no name of Kubernetes may have
        server = service.run(
            name,
            folder=folder,
            of=self._namespace,
            address=self._clients_address,
            authority=self._authority,
            database=database,
            opts=pulumi.ResourceOptions.merge(opts, after),
        )
        return RunningService(f"http://{name}.{self._namespace.name}.svc", server)

    def pooler(
        self, name: str, *, logins: Sequence[Endpoint], opts: pulumi.ResourceOptions
    ) -> RunningService:
        """Run Pgpool-II in front of the coordinator."""
        server = pooler.run(
            name,
            of=self._namespace,
            coordinator=self._coordinator.address,
            authority=self._authority,
            logins=logins,
            opts=opts,
        )
        self._poolers.append(server)
        self._clients_address = Address(name, pgpool_conf.PORT)
        host = f"{name}.{self._namespace.name}.svc"
        return RunningService(f"postgresql://{host}:{pgpool_conf.PORT}/{_DATABASE}", server)

    def admin_console(
        self,
        name: str,
        *,
        nodes: Sequence[Node],
        password: pulumi.Output[str],
        opts: pulumi.ResourceOptions,
    ) -> RunningService:
        """Run pgAdmin; its data stay where the nodes' do."""
        server = admin_console.run(
            name,
            of=self._namespace,
            nodes=nodes,
            authority=self._authority,
            password=password,
            opts=opts,
        )
        return RunningService(f"http://{name}.{self._namespace.name}.svc", server)
