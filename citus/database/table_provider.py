"""What the providers of distributed and of reference tables share: each can become the other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from citus.database import table_catalogue, table_plan, table_rows
from citus.database.provider import PlannedProvider
from citus.database.statement import Statement
from citus.database.table import NONE, TableSpec
from citus.database.tracked import DROP, RETAIN, UNDISTRIBUTE, Observed

if TYPE_CHECKING:
    from citus.database.executor import Database


class TableProvider(PlannedProvider[TableSpec]):
    """Plans by `table_plan`, observes by `table_catalogue`."""

    spec = TableSpec
    policies = (RETAIN, UNDISTRIBUTE, DROP)

    def plan(self, old: TableSpec | None, new: TableSpec | None) -> list[Statement]:
        """Give each change as a statement that stands alone."""
        return table_plan.plan(old, new)

    def observe(self, database: Database, wanted: TableSpec) -> Observed[TableSpec] | None:
        """Read ``pg_dist_partition``; an ordinary table is none."""
        return table_catalogue.observe(database, wanted)

    def require(self, database: Database, _old: TableSpec | None, new: TableSpec) -> None:
        """Refuse a table that is not there, and a partition."""
        table_catalogue.require(database, new)

    def observe_change(
        self, database: Database, old: TableSpec | None, new: TableSpec
    ) -> Observed[TableSpec] | None:
        """See also whether a table that is to stand apart has come apart already."""
        observed = super().observe_change(database, old, new)
        if observed and old and new.colocate_with == NONE != old.colocate_with:
            beside = [name for name in observed.spec.beside if name not in new.followers]
            spec = replace(observed.spec, colocate_with=beside[0] if beside else NONE)
            return replace(observed, spec=spec)
        return observed

    def at_stake(self, database: Database, observed: TableSpec) -> list[str]:
        """Count its rows."""
        return [table_rows.of_table(database, observed.schema, observed.name)]
