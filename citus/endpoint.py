"""All that one part of the program may know of another: names, addresses, endpoints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from urllib.parse import quote, urlencode

import pulumi

DIRECT = "direct"
# What libpq is told where it must encrypt. By SCRAM's channel binding the server proves that it
# knows the password and that the certificate is its own: no CA is needed on this machine.
TLS: Mapping[str, str] = MappingProxyType({"sslmode": "require", "channel_binding": "require"})


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

    ``route`` is ``direct``: the host and port are reached as they stand; or it leads through a
    Kubernetes API (``kubernetes:citus-prod/coordinator-0``), see `citus.routes`. ``tls`` says
    that the server must be asked for TLS. The password is an output in the program, and text in
    a provider.
    """

    host: str
    port: int
    database: str
    user: str
    password: str | pulumi.Output[str] = field(repr=False)
    route: str = DIRECT
    tls: bool = False

    def __str__(self) -> str:
        if self.route == DIRECT:
            return f"{self.host}:{self.port}"
        return f"{self.host} ({self.route})"

    def as_user(self, user: str, password: pulumi.Output[str]) -> Endpoint:
        """Give the same database for another role."""
        return replace(self, user=user, password=password)

    @property
    def url(self) -> pulumi.Output[str]:
        """A ``postgresql://`` URL; as secret as the password is."""
        query = f"?{urlencode(TLS)}" if self.tls else ""
        return pulumi.Output.from_input(self.password).apply(
            lambda password: (
                f"postgresql://{quote(self.user)}:{quote(password, safe='')}"
                f"@{self.host}:{self.port}/{quote(self.database)}{query}"
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


def is_a_stacks_own(address: Address, groupid: int, coordinator: Address) -> bool:
    """Tell whether a stack gives this address to its worker of that group.

    In containers that is the worker's name, on this machine the port that follows from the
    coordinator's; see the platforms' ``node``.
    """
    named = Address(worker_name(groupid - 1), coordinator.port)
    counted = Address(coordinator.host, coordinator.port + groupid)
    return address in (named, counted)


def worker_index(name: str) -> int:
    """Give the index that a worker is named by."""
    return int(name.rpartition("-")[2])


def worker_name(index: int) -> str:
    """Name the worker of an index: ``worker-0``, ``worker-1`` and so on."""
    return f"worker-{index}"
