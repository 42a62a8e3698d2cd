"""A node: a container of PostgreSQL with Citus, and the volume that its data are in."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_docker as docker

from citus.config.containers import ContainerSettings
from citus.endpoint import Node
from citus.platforms.containers import postgres_image
from citus.platforms.containers.postgres_image import PORT, VOLUME
from citus.platforms.docker.network import StackNetwork, published, secret_file

_PASSWORD = "/run/secrets/postgres"  # noqa: S105 - a file
# What the entry point does as root before it becomes `postgres`.
_CAPABILITIES = ("CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID")
_READY_SECONDS = 300  # recovery after a crash included
_STOP_SECONDS = 60  # for a checkpoint


def container(
    node: Node,
    *,
    network: StackNetwork,
    data: docker.Volume,
    settings: Mapping[str, str],
    password: pulumi.Output[str],
    limits: ContainerSettings,
    port: int | None,
    opts: pulumi.ResourceOptions,
) -> docker.Container:
    """Run a node; with a *port* this machine reaches it. Another setting is another container."""
    flags = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    told = {
        **postgres_image.environment(_PASSWORD),
        "POSTGRES_HOST_AUTH_METHOD": "scram-sha-256",
    }
    return network.container(
        node.name,
        image=limits.node_image,
        command=["postgres", *flags],
        envs=[f"{name}={value}" for name, value in sorted(told.items())],
        uploads=secret_file(
            _PASSWORD, password, **{postgres_image.PGPASS_SCRIPT: postgres_image.WRITE_PGPASS}
        ),
        volumes=[docker.ContainerVolumeArgs(volume_name=data.name, container_path=VOLUME)],
        ports=[published(port, PORT)] if port else None,
        healthcheck=_ready(),
        stop_signal="SIGINT",  # ends sessions, and does not wait for them
        ready_seconds=_READY_SECONDS,
        stop_seconds=_STOP_SECONDS,
        capabilities=[f"CAP_{name}" for name in _CAPABILITIES],
        security_opts=["no-new-privileges:true"],
        # A connection to a node that is gone is given up after 7 s and not 2 min: Citus waits for
        # one to end before a node stops.
        sysctls={"net.ipv4.tcp_syn_retries": "2"},
        shm_size=limits.shared_memory,
        memory=limits.memory or None,
        memory_swap=2 * limits.memory or None,  # Docker's own default, else shown as a change
        cpus=limits.cpus or None,
        opts=opts,
    )


def _ready() -> docker.ContainerHealthcheckArgs:
    # By TCP: the server that initdb's scripts talk to listens on a socket alone.
    command = ["CMD", "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(PORT), "-U", "postgres"]
    return docker.ContainerHealthcheckArgs(
        tests=command, interval="1s", timeout="5s", retries=_READY_SECONDS, start_period="1s"
    )
