"""The admin console: a container of pgAdmin that knows every node, and a volume for its own data.

It knows no password of theirs: who opens a server types one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import pulumi
import pulumi_docker as docker

from citus.config.containers import ContainerSettings
from citus.endpoint import Node
from citus.platforms.docker.network import StackNetwork, published, secret_file

PORT = 5050
_USER = "5050:0"  # the image's own, which its folders belong to
_DATA = "/var/lib/pgadmin"
_PASSWORD = "/run/secrets/pgadmin"  # noqa: S105 - a file
_SERVERS = "/run/pgadmin-servers.json"
_READY_SECONDS = 300  # it makes its database first
_START_PERIOD = "5m0s"  # the same as Docker writes it, else each refresh shows a change
_STOP_SECONDS = 30
# The image's Python is a file with this capability: without it nobody may even run it.
_CAPABILITIES = ["CAP_NET_BIND_SERVICE"]


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
    return network.container(
        name,
        image=settings.admin_console_image,
        envs=_environment(settings.admin_email),
        uploads=secret_file(_PASSWORD, password, **{_SERVERS: servers_json(network.prefix, nodes)}),
        user=_USER,
        volumes=[docker.ContainerVolumeArgs(volume_name=data.name, container_path=_DATA)],
        ports=[published(settings.admin_console_port, PORT)],
        healthcheck=_ready(),
        ready_seconds=_READY_SECONDS,
        stop_seconds=_STOP_SECONDS,
        capabilities=_CAPABILITIES,
        security_opts=["no-new-privileges:true"],
        opts=opts,
    )


def servers_json(group: str, nodes: Sequence[Node]) -> str:
    """Give the list of servers that pgAdmin loads."""
    servers = {
        str(number): {
            "Name": node.name,
            "Group": group,
            "Host": node.address.host,
            "Port": node.address.port,
            "MaintenanceDB": "postgres",
            "Username": "postgres",
            "ConnectionParameters": {"sslmode": "prefer"},
        }
        for number, node in enumerate(nodes, start=1)
    }
    return json.dumps({"Servers": servers}, indent=2)


def _environment(email: str) -> list[str]:
    return [
        # It gets no mail, so that it may be in a domain that is none, such as `local`.
        f"PGADMIN_CONFIG_ALLOW_SPECIAL_EMAIL_DOMAINS=['{email.rpartition('.')[2]}']",
        f"PGADMIN_DEFAULT_EMAIL={email}",
        f"PGADMIN_DEFAULT_PASSWORD_FILE={_PASSWORD}",
        "PGADMIN_DISABLE_POSTFIX=True",
        "PGADMIN_LISTEN_ADDRESS=0.0.0.0",
        f"PGADMIN_LISTEN_PORT={PORT}",
        # The volume remembers the first list; workers come and go.
        "PGADMIN_REPLACE_SERVERS_ON_STARTUP=True",
        f"PGADMIN_SERVER_JSON_FILE={_SERVERS}",
    ]


def _ready() -> docker.ContainerHealthcheckArgs:
    command = ["CMD", "wget", "-q", "-O", "/dev/null", f"http://127.0.0.1:{PORT}/misc/ping"]
    return docker.ContainerHealthcheckArgs(
        tests=command, interval="5s", timeout="5s", retries=3, start_period=_START_PERIOD
    )
