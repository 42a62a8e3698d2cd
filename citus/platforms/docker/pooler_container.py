"""The pooler: a container of Pgpool-II between the coordinator and its clients.

The image's own entry point is left out, which makes its files from the environment: here they
come as they are, and the passwords among them as a secret.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_docker as docker

from citus.config.containers import ContainerSettings
from citus.endpoint import Address, Endpoint
from citus.platforms.containers import pgpool_conf
from citus.platforms.docker.network import StackNetwork, published, secret_file

_FOLDER = "/config"
_USER = "10001:10001"
_READY_SECONDS = 60
_STOP_SECONDS = 30


def container(
    name: str,
    *,
    network: StackNetwork,
    settings: ContainerSettings,
    coordinator: Address,
    clients: int,
    logins: Sequence[Endpoint],
    opts: pulumi.ResourceOptions,
) -> docker.Container:
    """Run Pgpool-II for the roles of *logins*; another password or role is another container."""
    pgpool_conf.check_roles(login.user for login in logins)
    return network.container(
        name,
        image=settings.pooler_image,
        entrypoints=["pgpool"],
        # -D: what the last one found out of the coordinator says nothing now.
        command=["-n", "-D", "-f", f"{_FOLDER}/pgpool.conf", "-a", f"{_FOLDER}/pool_hba.conf"],
        envs=[f"PATH={pgpool_conf.PATH}"],
        uploads=_files(pgpool_conf.pgpool_conf(coordinator, clients=clients), logins),
        user=_USER,
        tmpfs={pgpool_conf.RUN_FOLDER: "mode=1777"},
        ports=[published(settings.pooler_port, pgpool_conf.PORT)],
        healthcheck=_ready(next((login.user for login in logins), "nobody")),
        stop_signal="SIGINT",  # ends sessions, and does not wait for them
        ready_seconds=_READY_SECONDS,
        stop_seconds=_STOP_SECONDS,
        security_opts=["no-new-privileges:true"],
        opts=opts,
    )


def _files(conf: str, logins: Sequence[Endpoint]) -> pulumi.Output[Any]:
    roles = [login.user for login in logins]
    passwords = pulumi.Output.all(*(login.password for login in logins))
    return secret_file(
        f"{_FOLDER}/pool_passwd",
        passwords.apply(lambda all_: pgpool_conf.pool_passwd(dict(zip(roles, all_, strict=True)))),
        **{
            f"{_FOLDER}/pgpool.conf": conf,
            f"{_FOLDER}/pool_hba.conf": pgpool_conf.pool_hba_conf(),
        },
    )


def _ready(role: str) -> docker.ContainerHealthcheckArgs:
    # Of a role that it doesn't know, each time would be an error in its log.
    port = str(pgpool_conf.PORT)
    command = ["CMD", "pg_isready", "-q", "-h", "127.0.0.1", "-p", port, "-U", role]
    return docker.ContainerHealthcheckArgs(
        tests=command, interval="5s", timeout="5s", retries=3, start_period="10s"
    )
