"""How the image of a service runs: as whom, at which port, and what it is told."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from citus.endpoint import Address, Endpoint

PORT = 5000
USER = 10001  # and the group of this number
SCRATCH = "/tmp"  # noqa: S108 - the container's own, and all that it may write
STOP_SECONDS = 40  # longer than the service takes for the requests that it has
# By this the kernel lets the service's group send echo requests, and nothing else that is raw: the
# capability that ping would need otherwise would let it forge any packet.
_SYSCTLS: Mapping[str, dict[str, str]] = MappingProxyType(
    {"ping": {"net.ipv4.ping_group_range": f"{USER} {USER}"}}
)


def environment(address: Address, database: Endpoint, password_file: str) -> dict[str, str]:
    """Tell a service to log in to *database* at an *address* that it can reach."""
    return {
        "DATABASE_HOST": address.host,
        "DATABASE_NAME": database.database,
        "DATABASE_PASSWORD_FILE": password_file,
        "DATABASE_PORT": str(address.port),
        "DATABASE_USER": database.user,
    }


def sysctls(name: str) -> dict[str, str] | None:
    """Give the settings of the kernel that a service needs in its own network."""
    return _SYSCTLS.get(name)
