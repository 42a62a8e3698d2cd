"""A service: the image of its folder, and a container that may do nothing but serve."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pulumi
import pulumi_docker as docker

from citus.endpoint import Address, Endpoint
from citus.platforms.docker.network import StackNetwork, published
from citus.platforms.docker.secret_volume import FOLDER, secret_volume

PORT = 5000
_USER = "10001:10001"
_READY_SECONDS = 60
_STOP_SECONDS = 40  # longer than the service takes for the requests that it has
# Beyond a service's own folder, what every image is made of.
_SHARED = ("__init__.py", "requirements.txt", "runtime")
# Debian's ping is a file with this capability: without it nobody may even run it.
_CAPABILITIES = {"ping": ["CAP_NET_RAW"]}


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
        image_name=f"{network.name(name)}:{_digest(folder, python_image)}",
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
    return network.container(
        name,
        image=built.image_name,
        envs=[
            f"DATABASE_HOST={address.host}",
            f"DATABASE_NAME={database.database}",
            f"DATABASE_PASSWORD_FILE={FOLDER}/{database.user}",
            f"DATABASE_PORT={address.port}",
            f"DATABASE_USER={database.user}",
        ],
        user=_USER,
        read_only=True,
        volumes=[
            docker.ContainerVolumeArgs(
                volume_name=volume.name, container_path=FOLDER, read_only=True
            )
        ],
        tmpfs={"/tmp": "mode=1777"},  # noqa: S108 - the container's own
        ports=[published(port, PORT)],
        ready_seconds=_READY_SECONDS,
        stop_seconds=_STOP_SECONDS,
        capabilities=_CAPABILITIES.get(name, ()),
        # Where a file's capability has to be taken up, this would forbid it.
        security_opts=None if name in _CAPABILITIES else ["no-new-privileges:true"],
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[filled])),
    )


def _digest(folder: Path, python_image: str) -> str:
    files = [path for path in folder.rglob("*") if path.is_file()]
    for shared in _SHARED:
        path = folder.parent / shared
        files += [path] if path.is_file() else (p for p in path.rglob("*") if p.is_file())
    found = hashlib.sha256(python_image.encode())
    for path in sorted(file for file in files if "__pycache__" not in file.parts):
        found.update(f"\0{path.relative_to(folder.parent)}\0".encode() + path.read_bytes())
    return found.hexdigest()[:12]
