"""`PostgresServer`: one PostgreSQL server of this machine as a resource.

A preview shows by ``on_change`` whether a change of settings is a reload or a restart.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pulumi
from pulumi.dynamic import (
    CheckResult,
    ConfigureRequest,
    CreateResult,
    ReadResult,
    Resource,
    UpdateResult,
)

from citus.dynamic import DeclaredProvider
from citus.errors import Refused
from citus.lifeline import LIFELINE
from citus.platforms import settings_change
from citus.platforms.local import conf_check, ports
from citus.platforms.local.bring_up import bring_up
from citus.platforms.local.removal import remove
from citus.platforms.local.server_spec import PostgresServerSpec
from citus.properties import UnknownShape, encode


class PostgresServerProvider(DeclaredProvider[PostgresServerSpec]):
    """Makes, starts, changes and stops a server; its data are never replaced."""

    spec = PostgresServerSpec
    lost_workers: Sequence[str] = ()

    def configure(self, req: ConfigureRequest) -> None:
        """Read also whose data are looked for no more."""
        super().configure(req)
        self.lost_workers = json.loads(req.config.get("lostWorkers") or "[]")

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Validate, and add what the change takes, so that a preview shows it."""
        checked = super().check(_olds, news)
        try:
            change = _on_change(self.decode_or_none(_olds), self.decode(news))
        except (Refused, UnknownShape):
            return checked
        return CheckResult({**checked.inputs, ON_CHANGE: change}, checked.failures)

    def validate(self, old: PostgresServerSpec | None, new: PostgresServerSpec) -> None:
        """Refuse what another has, what the data are not made for, what PostgreSQL can't read."""
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
        has = new.server.settings().get("port") if new.server.process() else None
        if has != str(new.port) and not ports.is_free(new.host, new.port):
            raise Refused(ports.refusal(new.name, new.port, "basePort"))
        if old is None or old.settings != new.settings:
            conf_check.check(new.name, Path(new.bin), new.all_settings)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Make the data folder where there is none, start the server, give it the extension."""
        new = self.decode(props)
        with LIFELINE.held():
            LIFELINE.check()
            new.server.initdb(new.password)
            return CreateResult(new.name, self._bring_up(new))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Start a server that is down; reload or restart one whose settings or port changed."""
        new = self.decode(_news)
        with LIFELINE.held():
            LIFELINE.check()
            _refuse_lost_data(new)
            return UpdateResult(self._bring_up(new))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """See whether it runs, and which settings its file has."""
        recorded = self.decode(props)
        server = recorded.server
        if server.major is None and recorded.name in self.lost_workers:
            return ReadResult(id_, props)  # it goes
        _refuse_lost_data(recorded)
        found = server.settings()
        port = found.get("port", "")
        address = {**recorded.address, "port": port}
        inputs = self.encode(
            replace(
                recorded,
                running=server.runs_as_configured(),
                port=int(port) if port.isdecimal() else 0,
                settings={k: v for k, v in found.items() if address.get(k, "") != v},
            )
        )
        return ReadResult(id_, inputs, {**inputs, ON_CHANGE: []})

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Stop it; its data go too, unless ``citus:retainData``."""
        spec = self.decode(_props)
        with LIFELINE.held():
            spec.server.stop()
            if not self.retain_data:
                remove(Path(spec.folder))

    def _bring_up(self, new: PostgresServerSpec) -> dict[str, Any]:
        bring_up(new.server, new.all_settings, new.password)
        new.server.bootstrap(new.host, new.port)
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


# An input alone, as `planned_sql` is: kept elsewhere, the next preview would show it taken away.
ON_CHANGE = "on_change"


def _on_change(old: PostgresServerSpec | None, new: PostgresServerSpec) -> list[str]:
    """Say what a change takes: ``restart: max_connections``, ``reload: work_mem``."""
    if old is None:
        return []
    start = [] if old.running else ["start: it is down, or does not run with what its files say"]
    names = settings_change.changed(old.all_settings, new.all_settings)
    return [*start, *settings_change.lines(names, new.major)]


def _refuse_lost_data(spec: PostgresServerSpec) -> None:
    """Never make an empty server where the state has recorded one with data."""
    if spec.server.major is None:
        raise Refused(
            f"the data of {spec.name} are gone ({spec.server.data}), though the stack has recorded "
            "some. Put them back; or give a worker up (docs/kinds.md tells how); or, if no data of "
            "the stack are needed, `make down` and then `make up`"
        )
