"""The names that the containers of a stack have on their engine and on their network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_docker as docker

# The provider answers a change of these as done, and does nothing; of limits, where one is taken
# away. It doesn't know of the replacement, so it has to be told that the name is taken until then.
CHANGED_BY_REPLACING = pulumi.ResourceOptions(
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
        prefix = f"citus-{stack}"
        return cls(prefix, docker.Network("network", name=prefix, opts=opts))

    def name(self, of: str) -> str:
        """Name a container, a volume or an image on the engine."""
        return f"{self.prefix}-{of}"

    def joined_as(self, alias: str) -> list[docker.ContainerNetworksAdvancedArgs]:
        """Put a container on the network, where the others reach it as *alias*."""
        return [docker.ContainerNetworksAdvancedArgs(name=self.network.name, aliases=[alias])]


def published(port: int, internal: int) -> docker.ContainerPortArgs:
    """Publish a container's port on this machine, and to no other."""
    return docker.ContainerPortArgs(internal=internal, external=port, ip="127.0.0.1")


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
