"""Why a distributed table stays as it is: the first of Citus' reasons, in its words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.live.standin.answers import Failure, ask

if TYPE_CHECKING:
    import psycopg

pytestmark = pytest.mark.live

CASCADE = (
    "Use cascade option to undistribute all the relations involved in a foreign key relationship "
    "with {0} by executing SELECT undistribute_table($${0}$$, cascade_via_foreign_keys=>true)"
)
SAME = Failure(
    "XX000",
    "this call doesn't change any properties of the table",
    hint="check citus_tables view to see current properties of the table",
)
IDENTITY = Failure("0A000", "cannot complete operation on a table with identity column")
NO_GROUP = "relation {} should be a hash or single shard distributed table"
REFUSED = {
    "undistribute_table('shop.a')": Failure(
        "XX000",
        "cannot complete operation because table a is referenced by a foreign key",
        hint=CASCADE.format("shop.a"),
    ),
    "undistribute_table('shop.b')": Failure(
        "XX000",
        "cannot complete operation because table b has a foreign key",
        hint=CASCADE.format("shop.b"),
    ),
    "undistribute_table('shop.plain')": Failure(
        "XX000", "cannot undistribute table because the table is not distributed"
    ),
    "undistribute_table('shop.same')": IDENTITY,
    "alter_distributed_table('shop.same', shard_count := 3)": IDENTITY,
    "alter_distributed_table('shop.a')": Failure(
        "XX000",
        "you have to specify at least one of the distribution_column, shard_count or "
        "colocate_with parameters",
    ),
    "alter_distributed_table('shop.a', 'id')": SAME,
    "alter_distributed_table('shop.a', shard_count := 2)": SAME,
    "alter_distributed_table('shop.a', colocate_with := 'shop.b')": SAME,
    "alter_distributed_table('shop.a', 'no')": Failure(
        "42703", 'column "no" of relation "a" does not exist'
    ),
    "alter_distributed_table('shop.a', 'b')": Failure(
        "0A000",
        'cannot create constraint on "a"',
        "Distributed relations cannot have UNIQUE, EXCLUDE, or PRIMARY KEY constraints that do not "
        "include the partition column (with an equality operator if EXCLUDE).",
    ),
    "alter_distributed_table('shop.a', shard_count := 0)": Failure(
        "XX000",
        "shard_count cannot be 0",
        hint="if you no longer want this to be a distributed table you can try "
        "undistribute_table() function",
    ),
    "alter_distributed_table('shop.a', shard_count := 4)": Failure(
        "XX000",
        "cascade_to_colocated parameter is necessary",
        "this table is colocated with some other tables",
        "cascade_to_colocated := false will break the current colocation, "
        "cascade_to_colocated := true will change the shard count of colocated tables too.",
    ),
    "alter_distributed_table('shop.a', 'b', cascade_to_colocated := true)": Failure(
        "XX000", "distribution_column cannot be cascaded to colocated tables"
    ),
    "alter_distributed_table('shop.a', cascade_to_colocated := true)": Failure(
        "XX000", "shard_count or colocate_with is necessary for cascading to colocated tables"
    ),
    "alter_distributed_table('shop.a', colocate_with := 'none', cascade_to_colocated := true)": (
        Failure("XX000", "colocate_with := 'none' cannot be cascaded to colocated tables")
    ),
    "alter_distributed_table('shop.a', colocate_with := 'shop.no')": Failure(
        "42P01", 'relation "shop.no" does not exist'
    ),
    "alter_distributed_table('shop.a', colocate_with := 'shop.ref')": Failure(
        "XX000", "cannot colocate with shop.ref because it is not a distributed table"
    ),
    "alter_distributed_table('shop.a', colocate_with := 'shop.lone')": Failure(
        "XX000", "cannot colocate with shop.lone because it is a single shard distributed table"
    ),
    "alter_distributed_table('shop.a', colocate_with := 'shop.c')": Failure(
        "XX000",
        "cannot colocate with shop.c because data type of its distribution column is different "
        "than a",
    ),
    "alter_distributed_table('shop.lone', shard_count := 4)": Failure(
        "0A000", "relation lone should be a hash distributed table"
    ),
    "alter_distributed_table('shop.ref', shard_count := 4)": Failure(
        "XX000", "cannot alter table because the table is not distributed"
    ),
    "update_distributed_table_colocation('shop.ref', 'none')": Failure(
        "0A000", NO_GROUP.format("ref")
    ),
    "update_distributed_table_colocation('shop.a', 'shop.ref')": Failure(
        "0A000", NO_GROUP.format("ref")
    ),
    "update_distributed_table_colocation('shop.a', 'default')": Failure(
        "42P01", 'relation "default" does not exist'
    ),
    "update_distributed_table_colocation('shop.c', 'shop.a')": Failure(
        "XX000",
        "cannot colocate tables a and c",
        "Distribution column types don't match for a and c.",
    ),
}


def test_refusals(made: psycopg.Connection[Any]) -> None:
    for call, failure in REFUSED.items():
        assert ask(made, f"SELECT {call}").failure == failure, call
