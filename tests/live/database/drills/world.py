"""What a small stack declares: its workers, schemas and tables. Values, no database."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from hypothesis import strategies as st

from citus.database.table import HASH, NONE, REFERENCE
from citus.database.tracked import UNDISTRIBUTE

HEAD = "a"
TABLES = (HEAD, "b", "c")
SCHEMAS = ("one", "two")
WORKERS = 4


@dataclass(frozen=True)
class TableWish:
    """How a table of the schema ``ads`` is to be spread; beside the first one, or alone."""

    distribution: str
    shard_count: int | None = None
    beside_head: bool = False


@dataclass(frozen=True)
class World:
    """All that is declared; a schema tells whether it is distributed."""

    workers: frozenset[int] = frozenset({0, 1, 2})
    schemas: dict[str, bool] = field(default_factory=dict)
    tables: dict[str, TableWish] = field(default_factory=dict)
    rebalanced: bool = False

    def with_table(self, name: str, wish: TableWish | None) -> World:
        """Declare a table, or no longer; none stays beside a first one that can't have it."""
        tables = {**self.tables, name: wish} if wish else {**self.tables}
        if not wish:
            tables.pop(name, None)
        head = tables.get(HEAD)
        can = head is not None and head.distribution == HASH
        return replace(
            self,
            tables={
                # In the order of the program: the first one before those beside it.
                key: replace(tables[key], beside_head=False, shard_count=4)
                if tables[key].beside_head and not can
                else tables[key]
                for key in TABLES
                if key in tables
            },
        )

    @property
    def followers(self) -> tuple[str, ...]:
        """The tables beside the first one."""
        return tuple(f"ads.{name}" for name, wish in self.tables.items() if wish.beside_head)


def table(world: World, name: str) -> dict[str, object]:
    """Give what a `TableSpec` is made of, but for the endpoint."""
    wish = world.tables[name]
    return {
        "schema": "ads",
        "name": name,
        "distribution": wish.distribution,
        "distribution_column": "id" if wish.distribution == HASH else "",
        "shard_count": None if wish.beside_head else wish.shard_count,
        "colocate_with": f"ads.{HEAD}" if wish.beside_head else NONE,
        "on_delete": UNDISTRIBUTE,
        "followers": world.followers if name == HEAD else (),
    }


_alone = st.builds(TableWish, st.just(HASH), st.sampled_from([2, 4, 6]))
_everywhere = st.just(TableWish(REFERENCE))
_beside = st.just(TableWish(HASH, beside_head=True))
heads = st.none() | _alone | _everywhere
others = heads | _beside
worker_sets = st.frozensets(st.integers(0, WORKERS - 1), min_size=1)
