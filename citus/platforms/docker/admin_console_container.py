"""The admin console: a container of pgAdmin that knows every node, and a volume for its data."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_docker as docker

from citus.config.containers import ContainerSettings
from citus.endpoint import Node
from citus.platforms.containers import pgadmin
from citus.platforms.docker.network import StackNetwork, published, secret_file

_PASSWORD = "/run/secrets/pgadmin"  # noqa: S105 - a file
_SERVERS = "/run/pgadmin-servers.json"
_START_PERIOD = "5m0s"  # the same as Docker writes it, else each refresh shows a change


def container(
    name: str,
    *,
    network: StackNetwork,
    data: docker.Volume,
    settings: ContainerSettings,
    nodes: Sequence[Node],
    password: pulumi.Output[str],
    opts: pulumi.ResourceOptions,
) -> docker.Container:
    """Run pgAdmin, in which the *nodes* are the servers of one group."""
    told = pgadmin.environment(settings.admin_email, password_file=_PASSWORD, servers_file=_SERVERS)
    servers = pgadmin.servers_json(network.prefix, nodes, sslmode="prefer")
    return network.container(
        name,
        image=settings.admin_console_image,
        envs=[f"{variable}={value}" for variable, value in told.items()],
        uploads=secret_file(_PASSWORD, password, **{_SERVERS: servers}),
        user=f"{pgadmin.USER}:0",  # the image's own group
        volumes=[docker.ContainerVolumeArgs(volume_name=data.name, container_path=pgadmin.DATA)],
        ports=[published(settings.admin_console_port, pgadmin.PORT)],
        healthcheck=_ready(),
        ready_seconds=pgadmin.READY_SECONDS,
        stop_seconds=pgadmin.STOP_SECONDS,
        capabilities=[f"CAP_{pgadmin.CAPABILITY}"],
        security_opts=["no-new-privileges:true"],
        opts=opts,
    )


def _ready() -> docker.ContainerHealthcheckArgs:
    url = f"http://127.0.0.1:{pgadmin.PORT}{pgadmin.ALIVE}"
    return docker.ContainerHealthcheckArgs(
        tests=["CMD", "wget", "-q", "-O", "/dev/null", url],
        interval="5s",
        timeout="5s",
        retries=3,
        start_period=_START_PERIOD,
    )
