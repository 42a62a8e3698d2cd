"""Who in the cluster may talk to the pods of a stack: nobody but who has to.

Probes and a port-forward come from the host that a pod is on, which is always let in. What the pods
themselves call is left open: name servers are elsewhere, and ping pings anybody.
"""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_kubernetes as k8s
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs
from pulumi_kubernetes.networking.v1 import (
    IPBlockArgs,
    NetworkPolicyIngressRuleArgs,
    NetworkPolicyPeerArgs,
    NetworkPolicyPortArgs,
    NetworkPolicySpecArgs,
)

from citus.config.kubernetes import PORT_FORWARD
from citus.platforms.containers import pgpool_conf, postgres_image, service_process
from citus.platforms.kubernetes.namespace import (
    ADMIN_CONSOLE,
    DATABASE,
    POOLER,
    SERVICE,
    StackNamespace,
)

_COORDINATOR = "coordinator"
_NAMESPACE = "kubernetes.io/metadata.name"  # a label that Kubernetes gives each namespace
_ANYWHERE_IN_THE_CLUSTER = NetworkPolicyPeerArgs(namespace_selector=LabelSelectorArgs())


def make(of: StackNamespace, opts: pulumi.ResourceOptions) -> None:
    """Close the namespace, and open what has to be reached."""
    _policy("closed", "namespace", selector={}, ingress=[], of=of, opts=opts)
    _open(DATABASE, postgres_image.PORT, [DATABASE, SERVICE, POOLER, ADMIN_CONSOLE], of, opts)
    _open(POOLER, pgpool_conf.PORT, [SERVICE, ADMIN_CONSOLE], of, opts)
    # What users call: an ingress that leads to it has a namespace of its own.
    callers = [_ANYWHERE_IN_THE_CLUSTER]
    rule = _rule(service_process.PORT, callers)
    _policy(SERVICE, SERVICE, selector=of.component(SERVICE), ingress=[rule], of=of, opts=opts)
    if of.settings.kubernetes.client_namespaces:
        _open_to_clients(of, opts)
    if of.settings.kubernetes.reach != PORT_FORWARD:
        _open_coordinator(of, opts)


def _open(
    component: str,
    port: int,
    callers: Sequence[str],
    of: StackNamespace,
    opts: pulumi.ResourceOptions,
) -> None:
    """Let the pods of some components reach a port of those of another."""
    peers = [
        NetworkPolicyPeerArgs(pod_selector=LabelSelectorArgs(match_labels=of.component(caller)))
        for caller in callers
    ]
    selector, rule = of.component(component), _rule(port, peers)
    _policy(component, component, selector=selector, ingress=[rule], of=of, opts=opts)


def _open_to_clients(of: StackNamespace, opts: pulumi.ResourceOptions) -> None:
    """Let the pods of ``citus:clientNamespaces`` log in where the stack's own services do."""
    peers = [
        NetworkPolicyPeerArgs(namespace_selector=LabelSelectorArgs(match_labels={_NAMESPACE: name}))
        for name in of.settings.kubernetes.client_namespaces
    ]
    if of.settings.containers.pooler:
        component, selector, port = POOLER, of.component(POOLER), pgpool_conf.PORT
    else:
        component, selector, port = DATABASE, of.selector(_COORDINATOR), postgres_image.PORT
    rule = _rule(port, peers)
    _policy("clients", component, selector=selector, ingress=[rule], of=of, opts=opts)


def _open_coordinator(of: StackNamespace, opts: pulumi.ResourceOptions) -> None:
    """Let the networks of ``citus:reachFrom`` reach the coordinator, and no worker."""
    networks = of.settings.kubernetes.reach_from
    peers = [NetworkPolicyPeerArgs(ip_block=IPBlockArgs(cidr=network)) for network in networks]
    _policy(
        f"{_COORDINATOR}-reach",
        DATABASE,
        selector=of.selector(_COORDINATOR),
        ingress=[_rule(postgres_image.PORT, peers)],
        of=of,
        opts=opts,
    )


def _rule(port: int, peers: Sequence[NetworkPolicyPeerArgs]) -> NetworkPolicyIngressRuleArgs:
    """Let the *peers* reach a port; no peer at all would be everybody."""
    ports = [NetworkPolicyPortArgs(protocol="TCP", port=port)]
    return NetworkPolicyIngressRuleArgs(from_=[*peers], ports=ports)


def _policy(
    name: str,
    component: str,
    *,
    selector: dict[str, str],
    ingress: Sequence[NetworkPolicyIngressRuleArgs],
    of: StackNamespace,
    opts: pulumi.ResourceOptions,
) -> None:
    """Let into the pods of a *selector*, all of them if it is empty, nothing but what it says."""
    k8s.networking.v1.NetworkPolicy(
        name,
        metadata=of.metadata(name, component),
        spec=NetworkPolicySpecArgs(
            pod_selector=LabelSelectorArgs(match_labels=selector or None),
            policy_types=["Ingress"],
            ingress=[*ingress],
        ),
        opts=of.options(opts),
    )
