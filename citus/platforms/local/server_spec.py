"""What is declared of one PostgreSQL server of this machine. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from citus.platforms.local.server import Server


@dataclass(frozen=True)
class PostgresServerSpec:
    """A server's folder, address, programs and settings; ``running`` is what a read finds."""

    name: str
    folder: str
    host: str
    port: int
    bin: str
    major: int
    settings: Mapping[str, str]
    password: str = field(repr=False)
    running: bool

    @property
    def server(self) -> Server:
        """The server on this machine."""
        return Server(Path(self.folder), Path(self.bin))

    @property
    def address(self) -> dict[str, str]:
        """The settings by which it is reached."""
        where = {"listen_addresses": self.host, "port": str(self.port)}
        return {**where, "unix_socket_directories": ""}

    @property
    def all_settings(self) -> dict[str, str]:
        """The settings with the address, which are one file."""
        return {**self.settings, **self.address}
