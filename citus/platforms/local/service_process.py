"""`ServiceProcess`: one service of this machine as a resource."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, ReadResult, Resource, UpdateResult

from citus.dynamic import DeclaredProvider
from citus.errors import ConfigError, Refused
from citus.lifeline import LIFELINE
from citus.platforms.local import ports
from citus.platforms.local.service import Service
from citus.properties import encode


@dataclass(frozen=True)
class ServiceProcessSpec:
    """A service, its settings and its source by checksum; ``running`` is what a read finds."""

    name: str
    folder: str
    host: str
    port: int
    environment: Mapping[str, str]
    source: Mapping[str, str]
    password: str = field(repr=False)
    running: bool

    @property
    def service(self) -> Service:
        """The service on this machine."""
        return Service(self.name, Path(self.folder), self.host, self.port)


class ServiceProcessProvider(DeclaredProvider[ServiceProcessSpec]):
    """Starts it; a changed source file, setting, port or password restarts it."""

    spec = ServiceProcessSpec

    def validate(self, old: ServiceProcessSpec | None, new: ServiceProcessSpec) -> None:
        """Refuse a port that another process has."""
        own = new.service.processes() and (old is None or old.port == new.port)
        free = own or ports.is_free(new.host, new.port)
        if not free and not new.service.sibling_on_port():
            sentence = ports.refusal(f"service {new.name}", new.port, "serviceBasePort")
            raise Refused(sentence)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Start it; one that a killed run left behind is started anew."""
        new = self.decode(props)
        return CreateResult(new.name, self._restart(new))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Stop what runs and start what is declared."""
        return UpdateResult(self._restart(self.decode(_news)))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """See whether it runs."""
        recorded = self.decode(props)
        running = recorded.service.process() is not None
        inputs = self.encode(replace(recorded, running=running))
        return ReadResult(id_, inputs, inputs)

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Let it finish its requests, and remove its folder."""
        spec = self.decode(_props)
        with LIFELINE.held():
            spec.service.stop()
            shutil.rmtree(spec.folder, ignore_errors=True)

    def _restart(self, new: ServiceProcessSpec) -> dict[str, Any]:
        with LIFELINE.held():
            LIFELINE.check()
            new.service.stop()
            # One before it in citus:services was taken out: its place is this one's now.
            if sibling := new.service.sibling_on_port():
                sibling.stop()
            new.service.start(new.password, new.environment)
        return self.encode(new)


class ServiceProcess(Resource, module="citus", name="ServiceProcess"):
    """One service of this machine."""

    def __init__(
        self,
        resource_name: str,
        *,
        folder: Path,
        host: str,
        port: int,
        environment: Mapping[str, str],
        source: Sequence[Path],
        password: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = ServiceProcessSpec(
            name=resource_name,
            folder=folder.as_posix(),
            host=host,
            port=port,
            environment=environment,
            source=_checksums(source),
            password=password,  # type: ignore[arg-type] # an output here, text in the provider
            running=True,
        )
        super().__init__(ServiceProcessProvider(), resource_name, encode(inputs), opts)


def _checksums(folders: Sequence[Path]) -> dict[str, str]:
    files = sorted(path for folder in folders for path in folder.rglob("*.py"))
    try:
        return {f.as_posix(): hashlib.sha256(f.read_bytes()).hexdigest()[:16] for f in files}
    except OSError as error:
        raise ConfigError(f"a service's source can't be read: {error}") from None
