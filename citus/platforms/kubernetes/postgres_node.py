"""A node: a StatefulSet of one pod, the claim that its data are in, and the name it is reached by.

A change of its files or limits is another pod on the same claim.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_kubernetes as k8s
from pulumi_kubernetes.core.v1 import ServicePortArgs, ServiceSpecArgs
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs

from citus.endpoint import Node
from citus.platforms.containers import postgres_image
from citus.platforms.kubernetes import pod, postgres_files, postgres_pod, tls
from citus.platforms.kubernetes.certificate_authority import CertificateAuthority
from citus.platforms.kubernetes.namespace import DATABASE, StackNamespace
from citus.platforms.kubernetes.storage import claim
from citus.platforms.kubernetes.workload import Workload, disruption_budget

_READY_MINUTES = 15  # a small part of what recovery may take: `up` then waits again


def run(
    node: Node,
    *,
    of: StackNamespace,
    conf: Mapping[str, str],
    password: pulumi.Output[str],
    authority: CertificateAuthority,
    after: Sequence[pulumi.Resource],
    opts: pulumi.ResourceOptions,
) -> k8s.apps.v1.StatefulSet:
    """Run a node once those *after* which it comes are ready."""
    workload = Workload(node.name, DATABASE, of)
    plain = postgres_files.plain(conf)
    served = tls.server_files(node.name, of=of, authority=authority, opts=opts)
    secret = {"password": password, **served}
    needs = [
        _service(node, of=of, opts=opts),
        workload.config_map(plain, opts),
        workload.secret(secret, of.data_options(opts)),
        claim(node.name, DATABASE, of=of, gibibytes=of.settings.kubernetes.storage, opts=opts),
    ]
    return k8s.apps.v1.StatefulSet(
        node.name,
        metadata=of.metadata(node.name, DATABASE),
        spec=k8s.apps.v1.StatefulSetSpecArgs(
            replicas=1,
            service_name=node.name,
            # By the default one, a pod that never gets ready (an image that is not there) is left
            # as it is, whatever the set says later.
            pod_management_policy="Parallel",
            selector=LabelSelectorArgs(match_labels=of.selector(node.name)),
            template=postgres_pod.template(
                node.name, of=of, digest=pod.digest({**plain, **secret})
            ),
        ),
        opts=pulumi.ResourceOptions.merge(
            of.options(pod.awaited(_READY_MINUTES, opts)),
            pulumi.ResourceOptions(depends_on=[*needs, *after]),
        ),
    )


def budget(of: StackNamespace, opts: pulumi.ResourceOptions) -> None:
    """Let one node of all at a time be moved to another host."""
    disruption_budget("nodes", DATABASE, of.component(DATABASE), of=of, opts=opts)


def _service(
    node: Node, *, of: StackNamespace, opts: pulumi.ResourceOptions
) -> k8s.core.v1.Service:
    """Give a node its name; it leads to the pod's address, ready or not."""
    return k8s.core.v1.Service(
        node.name,
        metadata=of.metadata(node.name, DATABASE),
        spec=ServiceSpecArgs(
            cluster_ip="None",
            # A name that comes and goes would be remembered as unknown for a while.
            publish_not_ready_addresses=True,
            selector=of.selector(node.name),
            ports=[ServicePortArgs(name="postgresql", port=postgres_image.PORT)],
        ),
        opts=of.options(opts),
    )
