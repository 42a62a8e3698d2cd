"""The pooler: two pods of Pgpool-II between the coordinator and its clients, TLS on both sides.

The image's own entry point is left out, which makes its files from the environment: here they
come as they are, and the passwords among them from a Secret.
"""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_kubernetes as k8s
from pulumi_kubernetes.core.v1 import (
    ContainerArgs,
    ContainerPortArgs,
    EnvVarArgs,
    ExecActionArgs,
    LifecycleArgs,
    LifecycleHandlerArgs,
    PodSpecArgs,
    ResourceRequirementsArgs,
)

from citus.endpoint import Address, Endpoint
from citus.platforms.containers import pgpool_conf
from citus.platforms.kubernetes import pod, postgres_files, tls
from citus.platforms.kubernetes.certificate_authority import CertificateAuthority
from citus.platforms.kubernetes.namespace import POOLER, StackNamespace
from citus.platforms.kubernetes.postgres_files import SECRETS
from citus.platforms.kubernetes.workload import ROLLING, Workload

_REPLICAS = 2
_USER = 10001
_FOLDER = "/config"
_PASSWORDS = "pool_passwd"
_READY_MINUTES = 5
_STOP_SECONDS = 30
_TLS = pgpool_conf.Tls(
    certificate=f"{SECRETS}/{postgres_files.CERTIFICATE}",
    key=f"{SECRETS}/{postgres_files.KEY}",
    authority=f"{SECRETS}/{postgres_files.AUTHORITY}",
)
# The folder outlives a container that was killed, and the pid in there would be the next one's.
# -D: what the last one found out of the coordinator says nothing now.
_START = (
    f"rm -f {pgpool_conf.PID_FILE} && "
    f"exec pgpool -n -D -f {_FOLDER}/pgpool.conf -a {_FOLDER}/pool_hba.conf"
)
# For a moment the cluster still sends it clients. SIGTERM, which comes after this, would wait for
# them all to leave; SIGINT ends their sessions.
_STOP = "sleep 5; kill -INT 1"
# MiB: of what all share, and of the process that serves a client.
_BASE_MEMORY, _MEMORY_OF_A_CLIENT = 212, 10


def run(
    name: str,
    *,
    of: StackNamespace,
    coordinator: Address,
    authority: CertificateAuthority,
    logins: Sequence[Endpoint],
    opts: pulumi.ResourceOptions,
) -> k8s.apps.v1.Deployment:
    """Run Pgpool-II for the roles of *logins*; another password or role is another pod."""
    pgpool_conf.check_roles(login.user for login in logins)
    workload = Workload(name, POOLER, of)
    clients = pgpool_conf.clients(of.settings.postgresql_conf, poolers=_REPLICAS)
    plain = {
        "pgpool.conf": pgpool_conf.pgpool_conf(
            coordinator,
            clients=clients,
            passwords=f"{SECRETS}/{_PASSWORDS}",
            tls=_TLS,
        ),
        "pool_hba.conf": pgpool_conf.pool_hba_conf(tls=True),
    }
    secret = {
        _PASSWORDS: _pool_passwd(logins),
        **tls.server_files(name, of=of, authority=authority, opts=opts),
    }
    port = pgpool_conf.PORT
    needs = [
        workload.service("postgresql", port, target_port=port, opts=opts),
        workload.config_map(plain, opts),
        workload.secret(secret, opts),
        workload.disruption_budget(opts),
    ]
    return workload.deployment(
        _pod(name, role=next((login.user for login in logins), "nobody"), clients=clients, of=of),
        replicas=_REPLICAS,
        strategy=ROLLING,
        ready_minutes=_READY_MINUTES,
        needs=needs,
        annotations={pod.DIGEST: pod.digest({**plain, **secret})},  # it reads them at its start
        opts=opts,
    )


def _pool_passwd(logins: Sequence[Endpoint]) -> pulumi.Output[str]:
    roles = [login.user for login in logins]
    passwords = pulumi.Output.all(*(login.password for login in logins))
    return pulumi.Output.secret(
        passwords.apply(lambda all_: pgpool_conf.pool_passwd(dict(zip(roles, all_, strict=True))))
    )


def _pod(name: str, *, role: str, clients: int, of: StackNamespace) -> PodSpecArgs:
    return PodSpecArgs(
        affinity=pod.apart(of.selector(name), required=False),
        automount_service_account_token=False,
        enable_service_links=False,
        image_pull_secrets=of.image_pull_secrets,
        security_context=pod.security(_USER),
        termination_grace_period_seconds=_STOP_SECONDS,
        containers=[_container(of.settings.containers.pooler_image, role, clients)],
        volumes=[
            pod.config("configuration", name),
            pod.secret("secrets", name),
            pod.scratch("run", "16Mi"),
        ],
    )


def _container(image: str, role: str, clients: int) -> ContainerArgs:
    # Of a role that it doesn't know, each time would be an error in its log.
    port = str(pgpool_conf.PORT)
    ready = ("pg_isready", "-q", "-h", "127.0.0.1", "-p", port, "-U", role)
    return ContainerArgs(
        name="pgpool",
        image=image,
        command=["sh", "-c", _START],
        env=[EnvVarArgs(name="PATH", value=pgpool_conf.PATH)],
        ports=[ContainerPortArgs(name="postgresql", container_port=pgpool_conf.PORT)],
        lifecycle=LifecycleArgs(
            pre_stop=LifecycleHandlerArgs(exec_=ExecActionArgs(command=["sh", "-c", _STOP]))
        ),
        resources=ResourceRequirementsArgs(
            requests={"cpu": "50m", "memory": "128Mi"},
            limits={"memory": f"{_BASE_MEMORY + clients * _MEMORY_OF_A_CLIENT}Mi"},
        ),
        security_context=pod.confined(),
        # It says that it is ready without the coordinator, so that a client gets its error.
        startup_probe=pod.command_probe(*ready, every=2, failures=30),
        readiness_probe=pod.command_probe(*ready, every=5, failures=3),
        liveness_probe=pod.command_probe(*ready, every=10, failures=6),
        volume_mounts=pod.mounts(
            configuration=_FOLDER, secrets=SECRETS, run=pgpool_conf.RUN_FOLDER
        ),
    )
