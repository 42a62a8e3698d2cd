"""The extension itself: ``CREATE EXTENSION citus``.

    CREATE EXTENSION citus;

The version that a stack was made with is recorded. Another one in the database is drift
that is refused until it is declared: an upgrade is never taken up unseen.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi.dynamic import DiffResult, ReadResult

from citus.database.provider import PlannedProvider
from citus.database.statement import Statement
from citus.database.tracked import Observed
from citus.database.tracked_resource import TrackedResource
from citus.endpoint import Endpoint
from citus.errors import Refused

if TYPE_CHECKING:
    from citus.database.executor import Database


@dataclass(frozen=True)
class ExtensionSpec:
    """``version`` is what the user declares; ``None`` stands for the recorded one.

    ``found`` is what a refresh has found instead of that.
    """

    endpoint: Endpoint
    version: str | None = None
    found: str | None = None

    title = "extension citus"


class ExtensionProvider(PlannedProvider[ExtensionSpec]):
    """Makes the extension, and holds on to its version."""

    spec = ExtensionSpec

    def plan(self, old: ExtensionSpec | None, new: ExtensionSpec | None) -> list[Statement]:
        """Create it; another version is refused."""
        if new is None:
            return []
        why = "distributed tables and schemas"
        if old is None and new.version is not None:
            sql = "CREATE EXTENSION citus VERSION {version}"
            return [Statement(sql, {"version": new.version}, why)]
        if old is None:
            return [Statement("CREATE EXTENSION citus", why=why)]
        # One that was declared, and isn't any more, is the recorded one.
        there = old.found or (old.version if new.version else None)
        if there is not None and there != new.version:
            declared = f"{new.version} is declared" if new.version else "the stack has another"
            raise Refused(
                f"Citus is at version {there} in the database, but {declared}: "
                f"`bin/pulumi config set citusVersion {there}` accepts it",
            )
        return []

    def observe(self, database: Database, wanted: ExtensionSpec) -> Observed[ExtensionSpec] | None:
        """Read ``pg_extension`` on the coordinator."""
        rows = database.rows("SELECT extversion FROM pg_extension WHERE extname = 'citus'")
        if not rows:
            return None
        version = str(rows[0][0])
        spec = replace(wanted, version=version if wanted.version else None, found=None)
        return Observed(spec, {"citus_version": version})

    def prepare(self, _database: Database, _found: ExtensionSpec, _new: ExtensionSpec) -> None:
        """There is no worker before it."""

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Take the recorded version for changed where another one is accepted now."""
        accepted, recorded = _news.get("version"), _olds.get("citus_version")
        if accepted and recorded and accepted != recorded:
            return DiffResult(changes=True)
        return super().diff(_id, _olds, _news)

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Show another version than the recorded one as drift."""
        result = super().read(id_, props)
        recorded, outs = props.get("citus_version"), result.outs or {}
        if recorded and outs.get("citus_version", recorded) != recorded:
            found = {"found": outs["citus_version"]}
            outs = {**outs, **found, "citus_version": recorded}
            return ReadResult(id_, outs, {**(result.inputs or {}), **found})
        return result


class Extension(TrackedResource, module="citus", name="Extension"):
    """The extension on the coordinator; `citus_version` is its version (a stand-in says so)."""

    citus_version: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        endpoint: Endpoint,
        version: str | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        spec = ExtensionSpec(endpoint, version)
        super().__init__(ExtensionProvider(), resource_name, spec, opts, outputs=["citus_version"])
