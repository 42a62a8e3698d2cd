"""The kinds of tables among the kinds: spread in every way that there is."""

from __future__ import annotations

from dataclasses import replace

from citus.database.distributed_table import DistributedTableProvider
from citus.database.reference_table import ReferenceTableProvider
from citus.database.table import NONE, REFERENCE, SINGLE_SHARD, TableSpec
from tests.live.database.kind import Drift, Kind, Left, Spec
from tests.live.database.place import Place

ROWS = 20
_TABLES = f"""
    CREATE SCHEMA {{name}};
    CREATE TABLE {{name}}.t (id bigint NOT NULL, other bigint NOT NULL);
    INSERT INTO {{name}}.t SELECT i, i FROM generate_series(1, {ROWS}) i;
    CREATE TABLE {{name}}.beside (id bigint);
    SELECT create_distributed_table('{{name}}.beside', 'id', shard_count := 4,
                                    colocate_with := 'none');
"""
_KIND = """SELECT (SELECT count(*) FROM {name}.t), count(*) > 0 FROM pg_dist_partition
    WHERE logicalrelid = '{name}.t'::regclass"""
_LEFT = {
    "retain": Left(_KIND, (ROWS, True)),
    "undistribute": Left(_KIND, (ROWS, False)),
    "drop": Left("SELECT to_regclass('{name}.t') IS NULL", (True,)),
}
_REFERENCE_BY_HAND = (
    "SELECT undistribute_table('{name}.t'); SELECT create_reference_table('{name}.t')"
)


def table(place: Place) -> TableSpec:
    """Make the tables of a test, and declare one of them as distributed."""
    place.by_hand(_TABLES)
    return TableSpec(
        place.endpoint,
        place.name,
        "t",
        distribution_column="id",
        shard_count=4,
        colocate_with=NONE,
    )


def colocated(place: Place) -> TableSpec:
    """Declare it beside another table."""
    return replace(table(place), shard_count=None, colocate_with=f"{place.name}.beside")


def single_shard(place: Place) -> TableSpec:
    """Declare it as one shard."""
    return replace(
        table(place), distribution=SINGLE_SHARD, distribution_column="", shard_count=None
    )


def reference(place: Place) -> TableSpec:
    """Declare it as a reference table."""
    place.by_hand(_TABLES)
    return TableSpec(place.endpoint, place.name, "t", distribution=REFERENCE)


def _another(_place: Place, old: Spec) -> Spec:
    return replace(old, name="another")


TABLES = [
    Kind(
        "distributed table",
        DistributedTableProvider,
        steps=1,
        declare=table,
        changed=lambda _, old: replace(old, shard_count=6, distribution_column="other"),
        refused=_another,
        refusal="declare that beside it",
        drifts={
            "distribution_column": Drift(
                "distribution_column",
                "SELECT alter_distributed_table('{name}.t', distribution_column := 'other')",
            ),
            "shard_count": Drift(
                "shard_count",
                "SELECT alter_distributed_table('{name}.t', shard_count := 8,"
                " colocate_with := 'none')",  # else with what another test has left
            ),
            "distribution": Drift("distribution", _REFERENCE_BY_HAND),
        },
        gone="SELECT undistribute_table('{name}.t')",
        left=_LEFT,
    ),
    Kind(
        "colocated table",
        DistributedTableProvider,
        steps=1,
        declare=colocated,
        changed=lambda _, old: replace(old, colocate_with=NONE),
        refused=_another,
        refusal="declare that beside it",
        drifts={
            "colocate_with": Drift(
                "colocate_with", "SELECT update_distributed_table_colocation('{name}.t', 'none')"
            ),
        },
        gone="SELECT undistribute_table('{name}.t')",
        left=_LEFT,
    ),
    Kind(
        "table distributed concurrently",
        DistributedTableProvider,
        steps=1,
        declare=lambda place: replace(table(place), concurrently=True),
        changed=lambda _, old: replace(old, shard_count=6),
        refused=lambda _, old: replace(old, distribution_column=""),
        refusal="but by no column",
        gone="SELECT undistribute_table('{name}.t')",
    ),
    Kind(
        "single-shard table",
        DistributedTableProvider,
        steps=1,
        declare=single_shard,
        changed=lambda _, old: replace(old, distribution="hash", distribution_column="id"),
        refused=_another,
        refusal="declare that beside it",
        drifts={"distribution": Drift("distribution", _REFERENCE_BY_HAND)},
        gone="SELECT undistribute_table('{name}.t')",
        left=_LEFT,
    ),
    Kind(
        "reference table",
        ReferenceTableProvider,
        steps=1,
        declare=reference,
        changed=lambda _, old: replace(old, distribution="hash", distribution_column="id"),
        refused=_another,
        refusal="declare that beside it",
        drifts={
            "distribution": Drift(
                "distribution",
                "SELECT undistribute_table('{name}.t');"
                " SELECT create_distributed_table('{name}.t', 'id')",
            )
        },
        gone="SELECT undistribute_table('{name}.t')",
        left=_LEFT,
    ),
]
