"""The pod of a node: PostgreSQL with Citus, which may do nothing but serve."""

from __future__ import annotations

import pulumi
from pulumi_kubernetes.core.v1 import (
    ContainerArgs,
    ContainerPortArgs,
    EnvVarArgs,
    PersistentVolumeClaimVolumeSourceArgs,
    PodSpecArgs,
    PodTemplateSpecArgs,
    ResourceRequirementsArgs,
    VolumeArgs,
    VolumeMountArgs,
)

from citus.config.containers import ContainerSettings
from citus.config.kubernetes import REQUIRED
from citus.platforms.containers import postgres_image
from citus.platforms.containers.postgres_image import PORT, VOLUME
from citus.platforms.kubernetes import pod, postgres_files
from citus.platforms.kubernetes.namespace import DATABASE, StackNamespace

_PASSWORD = f"{postgres_files.SECRETS}/password"
_USER = 999  # `postgres` in the images that Debian's PostgreSQL is in
_START_SECONDS = 3600  # recovery of a large node after a crash
_STOP_SECONDS = 120  # for a checkpoint; the image's own signal ends sessions, and waits for none
# By TCP: the server that initdb's scripts talk to listens on a socket alone.
_IS_READY = ("pg_isready", "-q", "-h", "127.0.0.1", "-p", str(PORT), "-U", "postgres")
# One that refuses logins (it starts, recovers, stops) is alive: 1; one that is gone is not: 2.
_IS_ALIVE = ("sh", "-c", f"{' '.join(_IS_READY)}; test $? -lt 2")


def template(
    name: str,
    *,
    of: StackNamespace,
    digest: pulumi.Output[str],
) -> PodTemplateSpecArgs:
    """Describe the pod of a node; another *digest* of its files is another pod."""
    limits = of.settings.containers
    return PodTemplateSpecArgs(
        metadata=of.pod_metadata(name, DATABASE, {pod.DIGEST: digest}),
        spec=PodSpecArgs(
            affinity=pod.apart(
                of.component(DATABASE), required=of.settings.kubernetes.spread == REQUIRED
            ),
            automount_service_account_token=False,
            enable_service_links=False,
            image_pull_secrets=of.image_pull_secrets,
            security_context=pod.security(_USER),
            termination_grace_period_seconds=_STOP_SECONDS,
            containers=[_container(limits)],
            volumes=_volumes(name, limits),
        ),
    )


def _container(limits: ContainerSettings) -> ContainerArgs:
    return ContainerArgs(
        name="postgresql",
        image=limits.node_image,
        args=["postgres", "-c", f"config_file={postgres_files.CONFIG_FILE}"],
        env=[
            EnvVarArgs(name=name, value=value)
            for name, value in postgres_image.environment(_PASSWORD).items()
        ],
        ports=[ContainerPortArgs(name="postgresql", container_port=PORT)],
        resources=_resources(limits),
        security_context=pod.confined(),
        startup_probe=pod.command_probe(*_IS_READY, every=2, failures=_START_SECONDS // 2),
        readiness_probe=pod.command_probe(*_IS_READY, every=5, failures=3),
        liveness_probe=pod.command_probe(*_IS_ALIVE, every=10, failures=6),
        volume_mounts=[
            *pod.mounts(
                data=VOLUME,
                configuration=postgres_files.CONFIGURATION,
                secrets=postgres_files.SECRETS,
                shared_memory="/dev/shm",  # noqa: S108 - the container's own
                sockets=postgres_files.SOCKETS,
                tmp="/tmp",  # noqa: S108 - the container's own
            ),
            VolumeMountArgs(
                name="configuration",
                mount_path=postgres_image.PGPASS_SCRIPT,
                sub_path=postgres_files.PGPASS_SCRIPT,
            ),
        ],
    )


def _volumes(name: str, limits: ContainerSettings) -> list[VolumeArgs]:
    claim = PersistentVolumeClaimVolumeSourceArgs(claim_name=f"{name}-data")
    return [
        VolumeArgs(name="data", persistent_volume_claim=claim),
        pod.config("configuration", name),
        pod.secret("secrets", name),
        pod.scratch("shared-memory", f"{limits.shared_memory}Mi", memory=True),
        pod.scratch("sockets", "1Mi"),
        pod.scratch("tmp", "64Mi"),
    ]


def _resources(limits: ContainerSettings) -> ResourceRequirementsArgs:
    """Ask for what it may have: a node that is promised less is the first to be put out."""
    memory = {"memory": f"{limits.memory}Mi"} if limits.memory else {}
    cpus = {"cpu": limits.cpus} if limits.cpus else {}
    return ResourceRequirementsArgs(requests={**memory, **cpus} or None, limits=memory or None)
