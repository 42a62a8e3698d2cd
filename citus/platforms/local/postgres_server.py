"""`PostgresServer`: one PostgreSQL server of this machine as a resource."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, ReadResult, Resource, UpdateResult

from citus.dynamic import DeclaredProvider
from citus.errors import Refused
from citus.lifeline import LIFELINE
from citus.platforms.local import ports
from citus.platforms.local.removal import remove
from citus.platforms.local.server import Server
from citus.properties import encode


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
    def all_settings(self) -> dict[str, str]:
        """The settings with the address, which are one file."""
        address = {"listen_addresses": self.host, "port": str(self.port)}
        return {**self.settings, **address, "unix_socket_directories": ""}


class PostgresServerProvider(DeclaredProvider[PostgresServerSpec]):
    """Makes, starts, changes and stops a server; its data are never replaced."""

    spec = PostgresServerSpec

    def validate(self, old: PostgresServerSpec | None, new: PostgresServerSpec) -> None:
        """Refuse a port that another has, data of another major version, another password."""
        made_by = new.server.major
        if made_by not in (None, new.major):
            raise Refused(
                f"the data of {new.name} were made by PostgreSQL {made_by}, and {new.bin} is "
                f"PostgreSQL {new.major}: name the programs of {made_by} in citus:postgresBin",
            )
        if old and old.password != new.password:
            raise Refused(
                "the superuser's password can't be changed yet: "
                "take `postgres` out of citus:passwords",
            )
        own = new.server.process() is not None and new.server.settings().get("port") == str(
            new.port
        )
        if not own and not ports.is_free(new.host, new.port):
            raise Refused(ports.refusal(new.name, new.port, "basePort"))

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Make the data folder where there is none, start the server, give it the extension."""
        new = self.decode(props)
        with LIFELINE.held():
            LIFELINE.check()
            new.server.initdb(new.password)
            return CreateResult(new.name, self._bring_up(new))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Start a server that is down; restart one whose settings, port or programs changed."""
        new = self.decode(_news)
        with LIFELINE.held():
            LIFELINE.check()
            _refuse_lost_data(new)
            return UpdateResult(self._bring_up(new))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """See whether it runs, and which settings its file has."""
        recorded = self.decode(props)
        server = recorded.server
        _refuse_lost_data(recorded)
        found = server.settings()
        port = found.get("port", "")
        inputs = self.encode(
            replace(
                recorded,
                running=server.runs_as_configured(),
                port=int(port) if port.isdecimal() else 0,
                settings={k: v for k, v in found.items() if k not in _ADDRESS},
            )
        )
        return ReadResult(id_, inputs, inputs)

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Stop it; its data go too, unless ``citus:retainData``."""
        spec = self.decode(_props)
        with LIFELINE.held():
            spec.server.stop()
            if not self.retain_data:
                remove(Path(spec.folder))

    def _bring_up(self, new: PostgresServerSpec) -> dict[str, Any]:
        server = new.server
        by_hand = server.configure(new.all_settings, new.password)
        if by_hand or not server.runs_as_configured():
            server.stop()
        server.start()
        server.bootstrap(new.host, new.port)
        return self.encode(new)


class PostgresServer(Resource, module="citus", name="PostgresServer"):
    """One PostgreSQL server of this machine."""

    def __init__(
        self,
        resource_name: str,
        *,
        folder: Path,
        host: str,
        port: int,
        bin_folder: str,
        major: int,
        settings: Mapping[str, str],
        password: pulumi.Output[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = PostgresServerSpec(
            name=resource_name,
            folder=folder.as_posix(),
            host=host,
            port=port,
            bin=bin_folder,
            major=major,
            settings=settings,
            password=password,  # type: ignore[arg-type] # an output here, text in the provider
            running=True,
        )
        super().__init__(PostgresServerProvider(), resource_name, encode(inputs), opts)


_ADDRESS = ("listen_addresses", "port", "unix_socket_directories")


def _refuse_lost_data(spec: PostgresServerSpec) -> None:
    """Never make an empty server where the state has recorded one with data."""
    if spec.server.major is None:
        raise Refused(
            f"the data of {spec.name} are gone ({spec.server.data}), though the stack has recorded "
            "some. Put them back; or, if they are not needed, `make down` and then `make up`"
        )
