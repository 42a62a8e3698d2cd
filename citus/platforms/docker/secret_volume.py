"""A password for a container whose file system is read-only: a volume with one file.

Docker uploads nothing into such a container, not into its volumes either, and secrets of its own
it has only in a swarm. So a container that never runs takes the upload into the volume, and lets
go of it.
"""

from __future__ import annotations

import pulumi
import pulumi_docker as docker

from citus.platforms.docker.network import StackNetwork, secret_file

FOLDER = "/run/secrets"


def secret_volume(
    name: str,
    *,
    file: str,
    text: pulumi.Input[str],
    image: pulumi.Input[str],
    network: StackNetwork,
    opts: pulumi.ResourceOptions,
) -> tuple[docker.Volume, docker.Container]:
    """Make the volume and the container that fills it; a changed *text* fills it anew."""
    volume = docker.Volume(f"{name}-secret", name=network.name(f"{name}-secret"), opts=opts)
    filled = docker.Container(
        f"{name}-secret",
        name=network.name(f"{name}-secret"),
        image=image,
        volumes=[docker.ContainerVolumeArgs(volume_name=volume.name, container_path=FOLDER)],
        uploads=secret_file(f"{FOLDER}/{file}", text),
        network_mode="none",
        start=False,
        must_run=False,
        opts=opts,
    )
    return volume, filled
