"""The namespace of a stack: what its objects are called, and the labels they find each other by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s
from pulumi_kubernetes.core.v1 import LocalObjectReferenceArgs

from citus.platforms.kubernetes import secret_files
from citus.settings import Settings

DATABASE, POOLER, ADMIN_CONSOLE, SERVICE = ("database", "pooler", "admin-console", "service")
_PART_OF = "app.kubernetes.io/part-of"
_COMPONENT = "app.kubernetes.io/component"
_NAME = "app.kubernetes.io/name"
_INSTANCE = "app.kubernetes.io/instance"
_LOGINS = "registry.logins"  # with a dot, which the name of no service has


@dataclass(frozen=True)
class StackNamespace:
    """One namespace, which has the objects of one stack alone, and goes with it."""

    settings: Settings
    provider: k8s.Provider
    first: tuple[pulumi.Resource, ...]
    """What is there before every other object."""

    @classmethod
    def make(cls, settings: Settings, opts: pulumi.ResourceOptions) -> StackNamespace:
        """Make the namespace, in which no pod may do what Kubernetes calls privileged."""
        provider = _provider(settings, opts)
        namespace = k8s.core.v1.Namespace(
            "namespace",
            metadata=k8s.meta.v1.ObjectMetaArgs(
                name=settings.kubernetes.namespace,
                labels={
                    _PART_OF: "citus",
                    _INSTANCE: settings.stack,
                    "pod-security.kubernetes.io/enforce": "restricted",
                },
            ),
            opts=pulumi.ResourceOptions.merge(
                _of_data(settings, opts), pulumi.ResourceOptions(provider=provider)
            ),
        )
        logins = _logins(
            settings,
            namespace,
            pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(provider=provider)),
        )
        return cls(settings, provider, (namespace, *logins))

    @property
    def name(self) -> str:
        """What it is called."""
        return self.settings.kubernetes.namespace

    @property
    def stack(self) -> str:
        """The stack whose it is."""
        return self.settings.stack

    @property
    def image_pull_secrets(self) -> list[LocalObjectReferenceArgs] | None:
        """What a pod shows to the registries of its images."""
        if self.settings.kubernetes.image_pull_secret is None:
            return None
        return [LocalObjectReferenceArgs(name=_LOGINS)]

    def labels(self, name: str, component: str) -> dict[str, str]:
        """Give the labels of an object and of its pods."""
        return {
            **self.selector(name),
            _COMPONENT: component,
            _PART_OF: "citus",
            "app.kubernetes.io/managed-by": "pulumi",
        }

    def selector(self, name: str) -> dict[str, str]:
        """Give the labels that the pods of one workload alone have."""
        return {_NAME: name, _INSTANCE: self.stack}

    def component(self, component: str) -> dict[str, str]:
        """Give the labels that all pods of a kind have: every node, every service."""
        return {_INSTANCE: self.stack, _COMPONENT: component}

    def metadata(
        self,
        name: str,
        component: str,
        annotations: Mapping[str, str] | None = None,
        *,
        of: str = "",
    ) -> k8s.meta.v1.ObjectMetaArgs:
        """Name an object, which belongs to the workload *of*, by default the one of its own name.

        A name is fixed: one that Pulumi makes up would be another in the preview, and a changed
        object another object.
        """
        return k8s.meta.v1.ObjectMetaArgs(
            name=name,
            namespace=self.name,
            labels=self.labels(of or name, component),
            annotations=annotations,
        )

    def pod_metadata(
        self, name: str, component: str, annotations: Mapping[str, pulumi.Input[str]]
    ) -> k8s.meta.v1.ObjectMetaArgs:
        """Label a workload's pods; another annotation is another pod."""
        return k8s.meta.v1.ObjectMetaArgs(
            labels=self.labels(name, component), annotations=annotations
        )

    def names_of(self, service: str) -> list[str]:
        """Give the names by which a Service is reached, and those of a pod for itself."""
        here = f"{service}.{self.name}"
        return [service, here, f"{here}.svc", f"{here}.svc.cluster.local", "localhost"]

    def options(self, opts: pulumi.ResourceOptions) -> pulumi.ResourceOptions:
        """Give the options of an object in the namespace."""
        here = pulumi.ResourceOptions(provider=self.provider, depends_on=[*self.first])
        return pulumi.ResourceOptions.merge(opts, here)

    def data_options(self, opts: pulumi.ResourceOptions) -> pulumi.ResourceOptions:
        """Give the options of an object that holds data, or opens them."""
        return self.options(_of_data(self.settings, opts))


def _of_data(settings: Settings, opts: pulumi.ResourceOptions) -> pulumi.ResourceOptions:
    protected = pulumi.ResourceOptions(protect=settings.kubernetes.protect)
    return pulumi.ResourceOptions.merge(opts, protected)


def _logins(
    settings: Settings, namespace: k8s.core.v1.Namespace, opts: pulumi.ResourceOptions
) -> list[pulumi.Resource]:
    """Keep the logins of registries where kubelets look for them."""
    logins = settings.kubernetes.image_pull_secret
    if logins is None:
        return []
    secret = k8s.core.v1.Secret(
        _LOGINS,
        metadata=k8s.meta.v1.ObjectMetaArgs(
            name=_LOGINS,
            namespace=settings.kubernetes.namespace,
            labels={_PART_OF: "citus", _INSTANCE: settings.stack},
        ),
        type="kubernetes.io/dockerconfigjson",
        data=secret_files.data({".dockerconfigjson": logins}),
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[namespace])),
    )
    return [secret]


def _provider(settings: Settings, opts: pulumi.ResourceOptions) -> k8s.Provider:
    return k8s.Provider(
        "kubernetes",
        # With an identity that stays, a context of another name replaces nothing: without one the
        # provider takes it for another cluster, and makes every object anew.
        cluster_identifier=f"citus-{settings.stack}",
        context=settings.kubernetes.context or None,
        # What a killed run has made is taken up by the next one.
        upsert_existing_objects=True,
        # A changed Secret or ConfigMap stays the same object; its pods have a digest of it.
        enable_config_map_mutable=True,
        enable_secret_mutable=True,
        opts=pulumi.ResourceOptions(parent=opts.parent),
    )
