"""Where each table's shards are: ``pg_dist_shard`` and ``pg_dist_placement``, read only.

They are read when what it comes after has changed, and by each refresh.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi

from citus.database.provider import PlannedProvider
from citus.database.statement import Statement
from citus.database.tracked import Observed
from citus.database.tracked_resource import TrackedResource
from citus.endpoint import Endpoint

if TYPE_CHECKING:
    from citus.database.executor import Database

_PLACEMENTS = """
SELECT nodename || ':' || nodeport, format('%I.%I', n.nspname, c.relname), count(*)
FROM pg_dist_shard JOIN pg_dist_placement USING (shardid) JOIN pg_dist_node USING (groupid)
     JOIN pg_class c ON c.oid = logicalrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE noderole = 'primary' GROUP BY groupid, 1, 2 ORDER BY groupid, 2"""


@dataclass(frozen=True)
class PlacementsSpec:
    """``after`` says of each resource that may move shards when it last changed."""

    endpoint: Endpoint
    after: Mapping[str, str]

    title = "placements of the shards"


class PlacementsProvider(PlannedProvider[PlacementsSpec]):
    """Reads, and runs nothing."""

    spec = PlacementsSpec

    def plan(self, old: PlacementsSpec | None, new: PlacementsSpec | None) -> list[Statement]:  # noqa: ARG002
        """There is nothing to run."""
        return []

    def observe(self, database: Database, wanted: PlacementsSpec) -> Observed[PlacementsSpec]:
        """Count the shards by node and table."""
        shards: dict[str, dict[str, int]] = {}
        for node, table, count in database.rows(_PLACEMENTS):
            shards.setdefault(node, {})[table] = count
        return Observed(wanted, {"shards": shards})


class Placements(TrackedResource, module="citus", name="Placements"):
    """`shards` gives for each node its tables, and of each the number of shards."""

    shards: pulumi.Output[dict[str, dict[str, int]]]

    def __init__(
        self,
        resource_name: str,
        *,
        endpoint: Endpoint,
        after: Sequence[TrackedResource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        changed = {f"{type(r).__name__} {r._name}": r.changed_at for r in after}  # noqa: SLF001
        spec = PlacementsSpec(endpoint, changed)  # type: ignore[arg-type] # outputs here
        options = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[*after]))
        super().__init__(PlacementsProvider(), resource_name, spec, options, outputs=["shards"])
