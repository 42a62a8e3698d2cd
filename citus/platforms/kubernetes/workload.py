"""Pods that are alike: their Deployment, and the objects that find them by its labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import pulumi
import pulumi_kubernetes as k8s
from pulumi_kubernetes.apps.v1 import DeploymentStrategyArgs, RollingUpdateDeploymentArgs
from pulumi_kubernetes.core.v1 import (
    PodSpecArgs,
    PodTemplateSpecArgs,
    ServicePortArgs,
    ServiceSpecArgs,
)
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs

from citus.platforms.kubernetes import pod, secret_files
from citus.platforms.kubernetes.namespace import StackNamespace

# The next pod is ready before one goes.
ROLLING = DeploymentStrategyArgs(
    type="RollingUpdate",
    rolling_update=RollingUpdateDeploymentArgs(max_surge=1, max_unavailable=0),
)
# One goes before the next comes: they can't share their data.
RECREATE = DeploymentStrategyArgs(type="Recreate")

# Pulumi would wait ten seconds for each Service, and then call it ready though no pod fits it. The
# Deployment behind it is waited for.
_NOT_AWAITED: Mapping[str, str] = MappingProxyType({"pulumi.com/skipAwait": "true"})


@dataclass(frozen=True)
class Workload:
    """A workload of a component; each object of it has its name."""

    name: str
    component: str
    of: StackNamespace

    def config_map(
        self, files: Mapping[str, str], opts: pulumi.ResourceOptions
    ) -> k8s.core.v1.ConfigMap:
        """Keep files that anybody may read."""
        return k8s.core.v1.ConfigMap(
            self.name, metadata=self._metadata(), data=files, opts=self.of.options(opts)
        )

    def secret(
        self, files: Mapping[str, pulumi.Input[str]], opts: pulumi.ResourceOptions
    ) -> k8s.core.v1.Secret:
        """Keep files that nobody but the pods may read."""
        return k8s.core.v1.Secret(
            self.name,
            metadata=self._metadata(),
            data=secret_files.data(files),
            opts=self.of.options(opts),
        )

    def service(
        self, protocol: str, port: int, *, target_port: int, opts: pulumi.ResourceOptions
    ) -> k8s.core.v1.Service:
        """Give the pods that are ready one name and one port, within the cluster."""
        return k8s.core.v1.Service(
            self.name,
            metadata=self.of.metadata(self.name, self.component, _NOT_AWAITED),
            spec=ServiceSpecArgs(
                type="ClusterIP",
                selector=self.of.selector(self.name),
                ports=[ServicePortArgs(name=protocol, port=port, target_port=target_port)],
            ),
            opts=self.of.options(opts),
        )

    def disruption_budget(self, opts: pulumi.ResourceOptions) -> k8s.policy.v1.PodDisruptionBudget:
        """Let one pod at a time be moved elsewhere."""
        selector = self.of.selector(self.name)
        return disruption_budget(self.name, self.component, selector, of=self.of, opts=opts)

    def deployment(
        self,
        spec: PodSpecArgs,
        *,
        replicas: int,
        strategy: DeploymentStrategyArgs,
        ready_minutes: int,
        needs: Sequence[pulumi.Resource],
        annotations: Mapping[str, pulumi.Input[str]],
        opts: pulumi.ResourceOptions,
    ) -> k8s.apps.v1.Deployment:
        """Run the pods once what they need is there, and wait until they are ready."""
        return k8s.apps.v1.Deployment(
            self.name,
            metadata=self._metadata(),
            spec=k8s.apps.v1.DeploymentSpecArgs(
                replicas=replicas,
                selector=self._selector(),
                strategy=strategy,
                progress_deadline_seconds=60 * ready_minutes,
                revision_history_limit=2,
                template=PodTemplateSpecArgs(
                    metadata=self.of.pod_metadata(self.name, self.component, annotations),
                    spec=spec,
                ),
            ),
            opts=pulumi.ResourceOptions.merge(
                self.of.options(pod.awaited(ready_minutes, opts)),
                pulumi.ResourceOptions(depends_on=[*needs]),
            ),
        )

    def _metadata(self) -> k8s.meta.v1.ObjectMetaArgs:
        return self.of.metadata(self.name, self.component)

    def _selector(self) -> LabelSelectorArgs:
        return LabelSelectorArgs(match_labels=self.of.selector(self.name))


def disruption_budget(
    name: str,
    component: str,
    selector: Mapping[str, str],
    *,
    of: StackNamespace,
    opts: pulumi.ResourceOptions,
) -> k8s.policy.v1.PodDisruptionBudget:
    """Let one pod of a *selector* at a time be moved elsewhere, and any that serves nobody."""
    return k8s.policy.v1.PodDisruptionBudget(
        name,
        metadata=of.metadata(name, component),
        spec=k8s.policy.v1.PodDisruptionBudgetSpecArgs(
            max_unavailable=1,
            selector=LabelSelectorArgs(match_labels=selector),
            unhealthy_pod_eviction_policy="AlwaysAllow",
        ),
        opts=of.options(opts),
    )
