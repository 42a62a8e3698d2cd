"""`DataRoot`: the folder of a stack's data, and the record of the PostgreSQL that made them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, Resource, UpdateResult

from citus.dynamic import DeclaredProvider
from citus.errors import Refused
from citus.platforms.local import installation
from citus.platforms.local.installation import Installation
from citus.platforms.local.removal import remove
from citus.platforms.local.server import Server
from citus.platforms.local.service import Service
from citus.properties import encode


@dataclass(frozen=True)
class DataRootSpec:
    """The folder, and which PostgreSQL its servers run."""

    path: str
    postgres: Installation


class DataRootProvider(DeclaredProvider[DataRootSpec]):
    """Makes the folder (0700); removes it with all that is in it, unless data are retained."""

    spec = DataRootSpec

    def validate(self, old: DataRootSpec | None, new: DataRootSpec) -> None:
        """Refuse another engine or another place for data that are there."""
        if old is None:
            return
        if old.postgres.has_citus != new.postgres.has_citus:
            engine = "Citus" if old.postgres.has_citus else "the stand-in"
            raise Refused(
                f"the data in {old.path} were made with {engine}, and citus:postgresBin names "
                "another engine: `make down` first, then `make up` makes them anew"
            )
        if old.path != new.path:
            raise Refused(
                f"the data are in {old.path} and would be in {new.path}: "
                "a stack that has data can't be renamed yet"
            )

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Make the folder, or take up the one that was kept."""
        new = self.decode(props)
        return CreateResult(new.path, self._make(new))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Record another PostgreSQL, chosen on purpose."""
        return UpdateResult(self._make(self.decode(_news)))

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Stop what a killed run has left at work in the folder, and remove it."""
        spec = self.decode(_props)
        root = Path(spec.path)
        for folder in root.glob("services/*"):
            Service(folder.name, folder, host="", port=0).stop()
        for data in root.glob("*/data"):
            Server(data.parent, Path(spec.postgres.bin)).stop()
        if not self.retain_data:
            remove(root)

    def _make(self, spec: DataRootSpec) -> dict[str, Any]:
        root = Path(spec.path)
        root.mkdir(parents=True, exist_ok=True)
        root.chmod(0o700)
        installation.record(root, spec.postgres)
        return self.encode(spec)


class DataRoot(Resource, module="citus", name="DataRoot"):
    """The folder of a stack's data."""

    def __init__(
        self,
        resource_name: str,
        *,
        path: Path,
        postgres: Installation,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = encode(DataRootSpec(path.as_posix(), postgres))
        super().__init__(DataRootProvider(), resource_name, inputs, opts)
