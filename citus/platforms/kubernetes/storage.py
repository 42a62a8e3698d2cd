"""The storage of the nodes: a StorageClass of the stack's own, and a claim a node.

The claims are objects of their own and not templates of the StatefulSets: a changed template would
replace the StatefulSet, and leave the claims that it has made as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pulumi
import pulumi_kubernetes as k8s

from citus.config.kubernetes import LONGHORN
from citus.platforms.kubernetes.namespace import StackNamespace

# For nodes of one instance: Longhorn keeps a second copy of each volume.
LONGHORN_SINGLE: Mapping[str, str] = MappingProxyType(
    {
        "numberOfReplicas": "2",
        "dataLocality": "best-effort",  # a copy where the pod is, if there is room
        "staleReplicaTimeout": "2880",  # minutes
        "fsType": "ext4",
    }
)
# For nodes with standbys: PostgreSQL keeps the copies, each on the disk of its own host.
LONGHORN_REPLICATED: Mapping[str, str] = MappingProxyType(
    {
        **LONGHORN_SINGLE,
        "numberOfReplicas": "1",
        "dataLocality": "strict-local",  # allows one replica only
    }
)


def make(
    name: str, *, of: StackNamespace, opts: pulumi.ResourceOptions
) -> k8s.storage.v1.StorageClass:
    """Make the class, whose volumes stay when their claims go, and can grow."""
    settings = of.settings.kubernetes
    longhorn = LONGHORN_SINGLE if settings.provisioner == LONGHORN else {}
    return k8s.storage.v1.StorageClass(
        name,
        metadata=k8s.meta.v1.ObjectMetaArgs(name=class_name(of), labels=of.labels(name, "storage")),
        provisioner=settings.provisioner,
        parameters={**longhorn, **settings.parameters},
        allow_volume_expansion=True,
        reclaim_policy="Retain",
        volume_binding_mode="WaitForFirstConsumer",  # where its pod can run
        opts=of.options(opts),
    )


def class_name(of: StackNamespace) -> str:
    """Name the class, which is the whole cluster's, by what no other stack there has."""
    return of.name


def claim(
    name: str, component: str, *, of: StackNamespace, gibibytes: int, opts: pulumi.ResourceOptions
) -> k8s.core.v1.PersistentVolumeClaim:
    """Claim a volume for the workload of a name; a larger size grows it in place.

    A smaller one is refused by Kubernetes, also in a preview. It keeps the class that it was made
    with, which Kubernetes lets nobody change: with another one each preview would fail.
    """
    kept = pulumi.ResourceOptions(ignore_changes=["spec.storageClassName"])
    return k8s.core.v1.PersistentVolumeClaim(
        f"{name}-data",
        metadata=of.metadata(f"{name}-data", component, of=name),
        spec=k8s.core.v1.PersistentVolumeClaimSpecArgs(
            access_modes=["ReadWriteOnce"],
            storage_class_name=class_name(of),
            resources=k8s.core.v1.VolumeResourceRequirementsArgs(
                requests={"storage": f"{gibibytes}Gi"}
            ),
        ),
        opts=pulumi.ResourceOptions.merge(of.data_options(opts), kept),
    )
