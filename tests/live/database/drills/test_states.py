"""Any declaration after any other, with faults in between: the end is always what is declared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from citus.database import answers
from citus.errors import Refused
from tests.live.database.drills import by_hand
from tests.live.database.drills.cut import ANSWERED, SENT
from tests.live.database.drills.small_stack import Killing, SmallStack
from tests.live.database.drills.world import (
    HEAD,
    SCHEMAS,
    TABLES,
    WORKERS,
    TableWish,
    World,
    heads,
    others,
    worker_sets,
)
from tests.live.database.place import Place, a_name
from tests.live.database.tables_to_move import own_database

pytestmark = pytest.mark.live

ROWS = 50
killings = st.builds(
    Killing, st.integers(0, 3), st.integers(0, 4), st.sampled_from([SENT, ANSWERED])
)
AS_DECLARED = """SELECT c.relname, CASE WHEN p.repmodel = 't' THEN 'reference' ELSE 'hash' END,
    CASE p.repmodel WHEN 't' THEN NULL ELSE shardcount END, EXISTS (
        SELECT FROM pg_dist_partition o WHERE o.colocationid = p.colocationid
        AND o.logicalrelid = to_regclass('ads.a') AND p.logicalrelid <> o.logicalrelid
        AND p.repmodel <> 't')
    FROM pg_dist_partition p JOIN pg_class c ON c.oid = logicalrelid
    JOIN pg_dist_colocation USING (colocationid)
    WHERE relnamespace = 'ads'::regnamespace ORDER BY 1"""


class Machine(RuleBasedStateMachine):
    """A stack, what is declared of it, and what has happened to it."""

    def __init__(self, place: Place, counts: Counter[str]) -> None:
        super().__init__()
        self.counts = counts
        self.held = ExitStack()
        self.place = self.held.enter_context(own_database(replace(place, name=a_name())))
        self.stack = SmallStack(self.place)
        self.world = World()
        self.unfinished: World | None = None
        self.rows = {f"ads.{name}": ROWS for name in TABLES} | dict.fromkeys(_OF_SCHEMAS, ROWS)

    @initialize()
    def begin(self) -> None:
        """Three workers, and tables that are not distributed yet."""
        self.counts["sequences drawn"] += 1
        self.stack.up(self.world)
        self.place.by_hand("CREATE SCHEMA ads")
        for schema in SCHEMAS:
            self.place.by_hand(f"CREATE SCHEMA {schema}")
        for table in self.rows:
            self.place.by_hand(f"CREATE TABLE {table} (id bigint PRIMARY KEY)")
            self.place.by_hand(f"INSERT INTO {table} SELECT generate_series(1, {ROWS})")

    @rule(workers=worker_sets)
    def declare_workers(self, workers: frozenset[int]) -> None:
        self.world = replace(self.world, workers=workers)

    @rule(name=st.sampled_from(SCHEMAS), distributed=st.none() | st.booleans())
    def declare_a_schema(self, name: str, distributed: bool | None) -> None:  # noqa: FBT001
        schemas = {key: value for key, value in self.world.schemas.items() if key != name}
        if distributed is not None:
            schemas[name] = distributed
        self.world = replace(self.world, schemas=schemas)

    @rule(wish=heads)
    def declare_the_first_table(self, wish: TableWish | None) -> None:
        self.world = self.world.with_table(HEAD, wish)

    @rule(name=st.sampled_from(TABLES[1:]), wish=others)
    def declare_a_table(self, name: str, wish: TableWish | None) -> None:
        self.world = self.world.with_table(name, wish)

    @rule(wanted=st.booleans())
    def declare_a_rebalance(self, wanted: bool) -> None:  # noqa: FBT001
        self.world = replace(self.world, rebalanced=wanted)

    @rule(table=st.sampled_from([f"ads.{name}" for name in TABLES]))
    def write(self, table: str) -> None:
        more = f"INSERT INTO {table} SELECT max(id) + 1 FROM {table} RETURNING id"
        [(self.rows[table],)] = self.place.by_hand(more)

    @rule(
        text=st.sampled_from(by_hand.CHANGES),
        table=st.sampled_from(TABLES),
        schema=st.sampled_from(SCHEMAS),
        worker=st.integers(0, WORKERS - 1),
    )
    def change_by_hand(self, text: str, table: str, schema: str, worker: int) -> None:
        """Only what is recorded: a create takes nothing up that is another than it declares."""
        named = {"{schema}": f"schema {schema}", "{table}": f"table {table}"}
        if not {named[n] for n in named if n in text} <= self.stack.resources.keys():
            return
        port = self.place.cluster.nodes[1 + worker].address.port
        if "public." in text:
            self._copy(table)
        if by_hand.change(self.place, text, table=table, schema=schema, port=port):
            self.counts["faults made"] += 1

    @rule(killing=killings)
    def kill_the_executor(self, killing: Killing) -> None:
        """What is declared by now is finished before anything else is."""
        self._finish()
        if self.stack.up(self.world, killing):
            self.unfinished = self.world
            self.counts["faults made"] += 1

    @rule(worker=st.integers(0, WORKERS - 1))
    def kill_a_server(self, worker: int) -> None:
        """A run that needs it fails by its name; after it has started again, the next goes on."""
        node = self.place.cluster.nodes[1 + worker]
        self.place.cluster.servers[node.name].stop()
        self.counts["faults made"] += 1
        patience, answers.PATIENCE_SECONDS = answers.PATIENCE_SECONDS, 0
        try:
            self._finish()
            self.stack.up(self.world)
        except Refused as refused:
            assert f"{node.name} ({node.address}) does not answer" in str(refused)  # noqa: PT017
        finally:
            answers.PATIENCE_SECONDS = patience
            self.place.cluster.start_node(node)

    @rule()
    def up(self) -> None:
        """What is declared is there, with every row, and there is nothing more to do."""
        self._finish()
        self.stack.up(self.world)
        self.counts["runs compared"] += 1
        assert self.stack.planned(self.world) == []
        self._is_as_declared()
        there = {t: self.place.by_hand(f"SELECT count(*), max(id) FROM {t}") for t in self.rows}
        self.counts["rows lost"] += sum(self.rows.values()) - sum(n[0][0] for n in there.values())
        assert there == {table: [(count, count)] for table, count in self.rows.items()}

    def teardown(self) -> None:
        """End as declared, whatever the last step was."""
        with self.held:
            self.up()

    def _is_as_declared(self) -> None:
        members = "SELECT groupid - 1 FROM pg_dist_node WHERE groupid > 0 AND isactive"
        assert {row[0] for row in self.place.by_hand(members)} == self.world.workers
        schemas = "SELECT schemaid::regnamespace::text FROM pg_dist_schema"
        distributed = {name for name, is_so in self.world.schemas.items() if is_so}
        assert {row[0] for row in self.place.by_hand(schemas)} == distributed
        head = self.world.tables.get(HEAD)
        declared = [
            (
                name,
                wish.distribution,
                head.shard_count if wish.beside_head and head else wish.shard_count,
                wish.beside_head,
            )
            for name, wish in sorted(self.world.tables.items())
        ]
        assert self.place.by_hand(AS_DECLARED) == declared

    def _finish(self) -> None:
        if self.unfinished:
            self.stack.up(self.unfinished)
            self.unfinished = None

    def _copy(self, table: str) -> None:
        self.place.by_hand(f"DROP TABLE IF EXISTS public.{table}")
        self.place.by_hand(f"CREATE TABLE public.{table} (id bigint PRIMARY KEY)")
        self.place.by_hand(f"INSERT INTO public.{table} SELECT * FROM ads.{table}")


_OF_SCHEMAS = [f"{schema}.things" for schema in SCHEMAS]


def draw(place: Place, record_property: Callable[[str, object], None], **size: Any) -> None:
    """Draw sequences, always the same ones, and record what has happened."""
    counts: Counter[str] = Counter({"rows lost": 0})
    how = settings(
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        **size,
    )
    try:
        run_state_machine_as_test(cast("Any", lambda: Machine(place, counts)), settings=how)
    finally:
        for name, count in counts.items():
            record_property(name, count)


def test_a_few_sequences_end_as_declared(
    place: Place, record_property: Callable[[str, object], None]
) -> None:
    if not place.cluster.is_standin:
        pytest.skip("on a real Citus it takes long: make test-long")
    phases = [Phase.explicit, Phase.generate]
    draw(place, record_property, max_examples=3, stateful_step_count=12, phases=phases)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_many_sequences_end_as_declared(
    place: Place, record_property: Callable[[str, object], None]
) -> None:
    draw(place, record_property, max_examples=20, stateful_step_count=20)
