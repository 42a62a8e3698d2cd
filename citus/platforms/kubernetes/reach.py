"""How the machine that runs Pulumi reaches the coordinator; nobody else does by this.

Where and by which port is said by config, and never read from a Service: the address that the
cluster gives one is known too late for a preview, or known wrong.
"""

from __future__ import annotations

import pulumi
import pulumi_kubernetes as k8s
from pulumi_kubernetes.core.v1 import ServicePortArgs, ServiceSpecArgs

from citus.config.kubernetes import LOAD_BALANCER, PORT_FORWARD
from citus.endpoint import Node
from citus.platforms.containers.postgres_image import PORT
from citus.platforms.kubernetes.namespace import DATABASE, StackNamespace
from citus.settings import Settings


def of(node: Node, settings: Settings) -> tuple[str, int, str]:
    """Give a node's host, port and route as this machine sees them.

    Only the coordinator is exposed; a worker is always reached by a port-forward.
    """
    kubernetes = settings.kubernetes
    if kubernetes.reach == PORT_FORWARD or node.groupid:
        return node.address.host, PORT, f"kubernetes:{kubernetes.namespace}/{node.name}-0"
    return kubernetes.reach_host, settings.base_port, "direct"


def expose(
    node: Node, *, of: StackNamespace, opts: pulumi.ResourceOptions
) -> list[k8s.core.v1.Service]:
    """Open the coordinator to the networks of ``citus:reachFrom`` where config asks for it."""
    settings = of.settings.kubernetes
    if settings.reach == PORT_FORWARD:
        return []
    balanced = settings.reach == LOAD_BALANCER
    service = k8s.core.v1.Service(
        f"{node.name}-reach",
        metadata=of.metadata(f"{node.name}-reach", DATABASE, of=node.name),
        spec=ServiceSpecArgs(
            type="LoadBalancer" if balanced else "NodePort",
            selector=of.selector(node.name),
            # Else Pulumi would wait for a pod that isn't ready, and the change that mends it come
            # after that.
            publish_not_ready_addresses=True,
            load_balancer_source_ranges=list(settings.reach_from) if balanced else None,
            # Else a client's address would be the host's, which no network policy tells apart.
            external_traffic_policy="Local",
            ports=[
                ServicePortArgs(
                    name="postgresql",
                    port=of.settings.base_port,
                    target_port=PORT,
                    node_port=None if balanced else of.settings.base_port,
                )
            ],
        ),
        opts=of.options(opts),
    )
    return [service]
