"""All that one part of the program may know of another: names, addresses, endpoints."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from urllib.parse import quote

import pulumi


@dataclass(frozen=True)
class Address:
    """How members of the cluster and its services reach a node."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True)
class Endpoint:
    """How the machine that runs Pulumi reaches a database.

    ``route`` is ``direct``: the host and port are reached as they stand. The password is an
    output in the program, and text in a provider.
    """

    host: str
    port: int
    database: str
    user: str
    password: str | pulumi.Output[str] = field(repr=False)
    route: str = "direct"

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    def as_user(self, user: str, password: pulumi.Output[str]) -> Endpoint:
        """Give the same database for another role."""
        return replace(self, user=user, password=password)

    @property
    def url(self) -> pulumi.Output[str]:
        """A ``postgresql://`` URL; as secret as the password is."""
        return pulumi.Output.from_input(self.password).apply(
            lambda password: (
                f"postgresql://{quote(self.user)}:{quote(password, safe='')}"
                f"@{self.host}:{self.port}/{quote(self.database)}"
            )
        )


@dataclass(frozen=True)
class Node:
    """A member of the cluster: its stable name, its pinned group in pg_dist_node, its address.

    The coordinator is group 0; worker *i* is ``worker-i`` and group ``i + 1``.
    """

    name: str
    groupid: int
    address: Address


def worker_index(name: str) -> int:
    """Give the index that a worker is named by."""
    return int(name.rpartition("-")[2])


def worker_name(index: int) -> str:
    """Name the worker of an index: ``worker-0``, ``worker-1`` and so on."""
    return f"worker-{index}"
