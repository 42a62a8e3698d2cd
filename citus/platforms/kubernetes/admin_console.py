"""The admin console: a pod of pgAdmin that knows every node, and a claim for its own data."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_kubernetes as k8s
from pulumi_kubernetes.core.v1 import (
    ContainerArgs,
    ContainerPortArgs,
    EnvVarArgs,
    PersistentVolumeClaimVolumeSourceArgs,
    PodSpecArgs,
    ResourceRequirementsArgs,
    VolumeArgs,
)

from citus.endpoint import Node
from citus.platforms.containers import pgadmin
from citus.platforms.kubernetes import pod, tls
from citus.platforms.kubernetes.certificate_authority import CertificateAuthority
from citus.platforms.kubernetes.namespace import ADMIN_CONSOLE, StackNamespace
from citus.platforms.kubernetes.postgres_files import SECRETS
from citus.platforms.kubernetes.storage import claim
from citus.platforms.kubernetes.workload import RECREATE, Workload

_PORT = 80
_GIBIBYTES = 1  # users, servers and saved queries
_PASSWORD = "password"  # noqa: S105 - a file
_CONFIGURATION = "/etc/pgadmin"
_SERVERS = "servers.json"
_SCRATCH = "/tmp"  # noqa: S108 - the container's own
_READY_MINUTES = 10


def run(
    name: str,
    *,
    of: StackNamespace,
    nodes: Sequence[Node],
    authority: CertificateAuthority,
    password: pulumi.Output[str],
    opts: pulumi.ResourceOptions,
) -> k8s.apps.v1.Deployment:
    """Run pgAdmin, in which the *nodes* are the servers of one group."""
    workload = Workload(name, ADMIN_CONSOLE, of)
    # The password is the one that its data were made with, and opens them.
    secret = {_PASSWORD: password, **tls.client_files(authority)}
    plain = {_SERVERS: pgadmin.servers_json(of.name, nodes, sslmode=tls.CLIENT["PGSSLMODE"])}
    needs = [
        workload.service("http", _PORT, target_port=pgadmin.PORT, opts=opts),
        workload.config_map(plain, opts),
        workload.secret(secret, of.data_options(opts)),
        claim(name, ADMIN_CONSOLE, of=of, gibibytes=_GIBIBYTES, opts=opts),
    ]
    return workload.deployment(
        _pod(name, of=of),
        replicas=1,
        strategy=RECREATE,
        ready_minutes=_READY_MINUTES,
        needs=needs,
        annotations={pod.DIGEST: pod.digest(plain)},  # loaded at its start; secrets are not
        opts=opts,
    )


def _told(email: str) -> dict[str, str]:
    return {
        **pgadmin.environment(
            email,
            password_file=f"{SECRETS}/{_PASSWORD}",
            servers_file=f"{_CONFIGURATION}/{_SERVERS}",
        ),
        # Written at its start; its own place is in a file system that is read-only here.
        "PGADMIN_CUSTOM_CONFIG_DISTRO_FILE": f"{_SCRATCH}/config_distro.py",
        # The list of servers can name no file: pgAdmin looks for it in its user's own folder.
        **tls.CLIENT,
    }


def _pod(name: str, *, of: StackNamespace) -> PodSpecArgs:
    containers = of.settings.containers
    claimed = PersistentVolumeClaimVolumeSourceArgs(claim_name=f"{name}-data")
    return PodSpecArgs(
        automount_service_account_token=False,
        enable_service_links=False,
        image_pull_secrets=of.image_pull_secrets,
        security_context=pod.security(pgadmin.USER),
        termination_grace_period_seconds=pgadmin.STOP_SECONDS,
        containers=[_container(containers.admin_console_image, _told(containers.admin_email))],
        volumes=[
            VolumeArgs(name="data", persistent_volume_claim=claimed),
            pod.config("configuration", name),
            pod.secret("secrets", name),
            pod.scratch("tmp", "256Mi"),
        ],
    )


def _container(image: str, told: dict[str, str]) -> ContainerArgs:
    return ContainerArgs(
        name="pgadmin",
        image=image,
        env=[EnvVarArgs(name=variable, value=value) for variable, value in told.items()],
        ports=[ContainerPortArgs(name="http", container_port=pgadmin.PORT)],
        resources=ResourceRequirementsArgs(
            requests={"cpu": "50m", "memory": "256Mi"}, limits={"memory": "1Gi"}
        ),
        security_context=pod.confined(capabilities=[pgadmin.CAPABILITY]),
        startup_probe=pod.http_probe(
            pgadmin.ALIVE, pgadmin.PORT, every=5, failures=pgadmin.READY_SECONDS // 5
        ),
        readiness_probe=pod.http_probe(pgadmin.ALIVE, pgadmin.PORT, every=5, failures=3),
        liveness_probe=pod.http_probe(pgadmin.ALIVE, pgadmin.PORT, every=10, failures=6),
        volume_mounts=pod.mounts(
            data=pgadmin.DATA, configuration=_CONFIGURATION, secrets=SECRETS, tmp=_SCRATCH
        ),
    )
