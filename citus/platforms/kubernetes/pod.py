"""What every pod of a stack has in common: it may do nothing but its own work."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence

import pulumi
from pulumi_kubernetes.core.v1 import (
    AffinityArgs,
    CapabilitiesArgs,
    ConfigMapVolumeSourceArgs,
    EmptyDirVolumeSourceArgs,
    ExecActionArgs,
    HTTPGetActionArgs,
    PodAffinityTermArgs,
    PodAntiAffinityArgs,
    PodSecurityContextArgs,
    ProbeArgs,
    SeccompProfileArgs,
    SecretVolumeSourceArgs,
    SecurityContextArgs,
    SysctlArgs,
    VolumeArgs,
    VolumeMountArgs,
    WeightedPodAffinityTermArgs,
)
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs

HOST = "kubernetes.io/hostname"
ZONE = "topology.kubernetes.io/zone"
DIGEST = "citus/digest"  # of the files that a pod has read


def security(user: int, sysctls: Mapping[str, str] | None = None) -> PodSecurityContextArgs:
    """Run as a numbered user that is not root; the files of volumes belong to its group."""
    return PodSecurityContextArgs(
        run_as_user=user,
        run_as_group=user,
        run_as_non_root=True,
        fs_group=user,
        fs_group_change_policy="OnRootMismatch",  # else a large volume is gone through each time
        seccomp_profile=SeccompProfileArgs(type="RuntimeDefault"),
        sysctls=[SysctlArgs(name=n, value=v) for n, v in (sysctls or {}).items()] or None,
    )


def confined(*, capabilities: Sequence[str] = (), read_only: bool = True) -> SecurityContextArgs:
    """Let a container gain nothing, and write nowhere but into its volumes."""
    return SecurityContextArgs(
        allow_privilege_escalation=False,
        privileged=False,
        read_only_root_filesystem=read_only,
        capabilities=CapabilitiesArgs(drop=["ALL"], add=list(capabilities) or None),
    )


def digest(files: Mapping[str, pulumi.Input[str]]) -> pulumi.Output[str]:
    """Give a digest of files, secret ones too; another one in a pod's annotations is another pod.

    It says nothing of a secret among them, which is long and random.
    """

    def of(texts: dict[str, str]) -> str:
        return hashlib.sha256(json.dumps(texts, sort_keys=True).encode()).hexdigest()[:16]

    return pulumi.Output.unsecret(pulumi.Output.all(**files).apply(of))


def apart(selector: Mapping[str, str], *, required: bool) -> AffinityArgs:
    """Keep pods of these labels on hosts of their own, and in zones of their own if it can be.

    Where it is not *required*, hosts too are a wish.
    """
    by_host, by_zone = (
        PodAffinityTermArgs(
            label_selector=LabelSelectorArgs(match_labels=selector), topology_key=key
        )
        for key in (HOST, ZONE)
    )
    weighted = [WeightedPodAffinityTermArgs(weight=50, pod_affinity_term=by_zone)]
    if not required:
        weighted.insert(0, WeightedPodAffinityTermArgs(weight=100, pod_affinity_term=by_host))
    return AffinityArgs(
        pod_anti_affinity=PodAntiAffinityArgs(
            required_during_scheduling_ignored_during_execution=[by_host] if required else None,
            preferred_during_scheduling_ignored_during_execution=weighted,
        )
    )


def command_probe(*command: str, every: int, failures: int) -> ProbeArgs:
    """Probe by a command in the container, every so many seconds."""
    return ProbeArgs(
        exec_=ExecActionArgs(command=list(command)),
        period_seconds=every,
        timeout_seconds=5,
        failure_threshold=failures,
    )


def http_probe(path: str, port: int | str, *, every: int, failures: int) -> ProbeArgs:
    """Probe by a request, every so many seconds."""
    return ProbeArgs(
        http_get=HTTPGetActionArgs(path=path, port=port),
        period_seconds=every,
        timeout_seconds=5,
        failure_threshold=failures,
    )


def scratch(name: str, size: str, *, memory: bool = False) -> VolumeArgs:
    """Give a folder that goes with the pod."""
    medium = "Memory" if memory else None
    return VolumeArgs(name=name, empty_dir=EmptyDirVolumeSourceArgs(medium=medium, size_limit=size))


def secret(name: str, of: str) -> VolumeArgs:
    """Give the files of a Secret, readable for the pod's group alone."""
    return VolumeArgs(name=name, secret=SecretVolumeSourceArgs(secret_name=of, default_mode=0o440))


def config(name: str, of: str) -> VolumeArgs:
    """Give the files of a ConfigMap."""
    return VolumeArgs(name=name, config_map=ConfigMapVolumeSourceArgs(name=of))


def mounts(**paths: str) -> list[VolumeMountArgs]:
    """Mount volumes by their names, where ``_`` stands for ``-``."""
    return [
        VolumeMountArgs(name=name.replace("_", "-"), mount_path=path)
        for name, path in paths.items()
    ]


def awaited(minutes: int, opts: pulumi.ResourceOptions) -> pulumi.ResourceOptions:
    """Wait so long for a workload to be ready, and to be gone."""
    limit = f"{minutes}m"
    limits = pulumi.CustomTimeouts(create=limit, update=limit, delete=limit)
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(custom_timeouts=limits))
