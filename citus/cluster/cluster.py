"""A cluster: storage, a coordinator and its workers.

CitusCluster
├── PlatformRecord    what the stack runs on, as long as it is up
├── StorageClass
├── Password          the superuser's
├── Coordinator
├── WorkerPool
└── AdminConsole      where the settings ask for one
"""

from __future__ import annotations

import pulumi

from citus.cluster import postgresql_conf
from citus.cluster.admin_console import AdminConsole
from citus.cluster.coordinator import Coordinator
from citus.cluster.storage_class import StorageClass
from citus.cluster.worker_pool import WorkerPool
from citus.database.password import Password
from citus.endpoint import Node
from citus.platforms import Platform, node_size
from citus.platforms.record import PlatformRecord
from citus.settings import Settings


class CitusCluster(pulumi.ComponentResource):
    """The servers of one cluster, running, each with the extension; not yet joined."""

    def __init__(
        self,
        name: str,
        *,
        platform: Platform,
        settings: Settings,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("citus:cluster:CitusCluster", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        record = PlatformRecord(
            "platform", stack=pulumi.get_stack(), platform=platform.name, opts=child
        )
        recorded = pulumi.ResourceOptions(parent=self, depends_on=[record])
        self.storage = StorageClass("storage", platform=platform, opts=recorded)
        stored = pulumi.ResourceOptions(parent=self, depends_on=[self.storage.storage])
        self.password = Password(
            "postgres",
            role="postgres",
            file=platform.password_file("postgres"),
            value=settings.passwords.get("postgres"),
            fixed=True,
            opts=stored,
        )
        password = self.password.result
        size, own = node_size(settings), settings.postgresql_conf
        self.coordinator = Coordinator(
            "coordinator",
            platform=platform,
            conf=postgresql_conf.coordinator(size, own),
            password=password,
            opts=stored,
        )
        self.pool = WorkerPool(
            "workers",
            platform=platform,
            names=settings.worker_names,
            conf=postgresql_conf.worker(size, own),
            password=password,
            opts=stored,
        )
        self.endpoint = self.coordinator.node.endpoint
        self.admin_console = AdminConsole.if_declared(
            "admin", settings, platform=platform, nodes=self.nodes, opts=stored
        )
        self.register_outputs({"coordinator": self.coordinator.address})

    @property
    def workers(self) -> list[Node]:
        """The workers, in the order of their indices."""
        return [worker.node for worker in self.pool.nodes]

    @property
    def nodes(self) -> list[Node]:
        """Every node: the coordinator, then the workers."""
        return [self.coordinator.node.node, *self.workers]

    @property
    def servers(self) -> list[pulumi.Resource]:
        """What must run before the database is one."""
        return [node.resource for node in (self.coordinator.node, *self.pool.nodes)]
