"""A service: the image of its folder, and a container that may do nothing but serve."""

from __future__ import annotations

from pathlib import Path

import pulumi
import pulumi_docker as docker

from citus.endpoint import Address, Endpoint
from citus.platforms.containers import service_process
from citus.platforms.containers.service_image import image_name
from citus.platforms.docker.network import StackNetwork, published
from citus.platforms.docker.secret_volume import FOLDER, secret_volume

_READY_SECONDS = 60


def image(
    name: str,
    *,
    folder: Path,
    network: StackNetwork,
    python_image: str,
    platform: str,
    opts: pulumi.ResourceOptions,
) -> docker.Image:
    """Build the image of a service for a *platform*, tagged by what it is made of."""
    context = folder.parent
    return docker.Image(
        f"{name}-image",
        image_name=image_name(network.name(name), folder=folder, python_image=python_image),
        build=docker.DockerBuildArgs(
            context=context.as_posix(),
            dockerfile=(folder / "Dockerfile").as_posix(),
            args={"PYTHON_IMAGE": python_image},
            platform=platform,
        ),
        skip_push=True,
        opts=opts,
    )


def container(
    name: str,
    *,
    built: docker.Image,
    network: StackNetwork,
    port: int,
    address: Address,
    database: Endpoint,
    opts: pulumi.ResourceOptions,
) -> docker.Container:
    """Run a service, logged in to *database* at an *address* on the network."""
    volume, filled = secret_volume(
        name,
        file=database.user,
        text=database.password,
        image=built.image_name,
        network=network,
        opts=opts,
    )
    told = service_process.environment(address, database, f"{FOLDER}/{database.user}")
    return network.container(
        name,
        image=built.image_name,
        envs=[f"{variable}={value}" for variable, value in told.items()],
        user=f"{service_process.USER}:{service_process.USER}",
        read_only=True,
        volumes=[
            docker.ContainerVolumeArgs(
                volume_name=volume.name, container_path=FOLDER, read_only=True
            )
        ],
        tmpfs={service_process.SCRATCH: "mode=1777"},
        ports=[published(port, service_process.PORT)],
        ready_seconds=_READY_SECONDS,
        stop_seconds=service_process.STOP_SECONDS,
        sysctls=service_process.sysctls(name),
        security_opts=["no-new-privileges:true"],
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[filled])),
    )
