"""The names that the containers of a stack have on their engine and on their network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_docker as docker

from citus.platforms.docker.names import prefix

HOST = "127.0.0.1"

# The provider answers a change of these as done, and does nothing; of limits, where one is taken
# away. It doesn't know of the replacement, so it has to be told that the name is taken until then.
_CHANGED_BY_REPLACING = pulumi.ResourceOptions(
    replace_on_changes=["healthcheck", "tmpfs", "memory", "memorySwap", "cpus"],
    delete_before_replace=True,
)


@dataclass(frozen=True)
class StackNetwork:
    """One network, which only this stack's containers are on; ``prefix`` begins every name."""

    prefix: str
    network: docker.Network

    @classmethod
    def make(cls, stack: str, opts: pulumi.ResourceOptions) -> StackNetwork:
        """Make the network of a stack."""
        name = prefix(stack)
        return cls(name, docker.Network("network", name=name, opts=opts))

    def name(self, of: str) -> str:
        """Name a container, a volume or an image on the engine."""
        return f"{self.prefix}-{of}"

    def data_volume(self, of: str, opts: pulumi.ResourceOptions) -> docker.Volume:
        """Make the place of a container's data, or take up the one that was kept."""
        return docker.Volume(f"{of}-data", name=self.name(of), opts=opts)

    def container(
        self,
        name: str,
        *,
        ready_seconds: int,
        stop_seconds: int,
        capabilities: Sequence[str] = (),
        opts: pulumi.ResourceOptions,
        **others: Any,
    ) -> docker.Container:
        """Run a container that the rest of the network reaches as *name*.

        It may do nothing but what its *capabilities* and the *others* of its properties say.
        """
        return docker.Container(
            name,
            name=self.name(name),
            hostname=name,
            networks_advanced=[
                docker.ContainerNetworksAdvancedArgs(name=self.network.name, aliases=[name])
            ],
            wait=True,
            wait_timeout=ready_seconds,
            restart="unless-stopped",
            stop_timeout=stop_seconds,  # for who stops it by hand
            destroy_grace_seconds=stop_seconds,  # else it would be killed at once
            capabilities=docker.ContainerCapabilitiesArgs(
                drops=["ALL"], adds=list(capabilities) or None
            ),
            opts=pulumi.ResourceOptions.merge(opts, _CHANGED_BY_REPLACING),
            **others,
        )


def published(port: int, internal: int) -> docker.ContainerPortArgs:
    """Publish a container's port on this machine, and to no other."""
    return docker.ContainerPortArgs(internal=internal, external=port, ip=HOST)


def secret_file(path: str, text: pulumi.Input[str], **others: str) -> pulumi.Output[Any]:
    """Put a secret into a container as a file, which any user in there may read, and *others*.

    All files are one output. A list of which one part is unknown yet is a change against the
    preview, which `up --strict` refuses, and it prints the list.
    """

    def files(secret: str) -> list[docker.ContainerUploadArgs]:
        plain = [docker.ContainerUploadArgs(file=f, content=t) for f, t in others.items()]
        hidden = docker.ContainerUploadArgs(file=path, content=secret, permissions="0444")
        return [hidden, *plain]

    return pulumi.Output.secret(text).apply(files)
