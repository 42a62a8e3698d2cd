"""Workers join and leave, with rows on them."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from citus.database import answers, connections
from citus.database.errors import StatementFailed
from citus.database.session import PLAN
from citus.endpoint import Address, Node
from citus.errors import Refused
from tests.live.cluster import HOST, free_ports
from tests.live.database.kinds import KINDS
from tests.live.database.place import Place
from tests.live.database.tables_to_move import (
    PLACED,
    ROWS,
    TABLES,
    groups,
    members,
    own_database,
    rows,
)
from tests.live.declared import Declared
from tests.live.server_log import statements_of_plans, without_why

pytestmark = pytest.mark.live

KEPT_FREE = "citus.desired_percent_disk_available_after_move"
[MEMBERSHIP] = [kind for kind in KINDS if kind.name == "membership"]


@pytest.fixture
def apart(place: Place) -> Iterator[Place]:
    with own_database(place) as apart:
        yield apart


@pytest.fixture
def scaled(apart: Place) -> Declared:
    """Give the membership of three workers that hold the tables."""
    resource = Declared(MEMBERSHIP.provider())
    resource.up(members(apart, 0, 1, 2))
    apart.by_hand(TABLES)
    return resource


@pytest.mark.long
def test_workers_that_leave_are_emptied_first_and_no_row_is_lost(
    scaled: Declared, apart: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    with statements_of_plans(apart.cluster, monkeypatch) as ran:
        planned = scaled.up(members(apart, 2))
    assert ran.statements == without_why(planned)
    assert groups(apart) == [3]
    assert rows(apart) == [ROWS, 10, 10]
    assert apart.by_hand("SELECT groupid FROM pg_dist_node ORDER BY 1") == [(0,), (3,)]
    scaled.refresh()
    assert scaled.preview(members(apart, 2)) == []


def test_a_worker_that_joins_gets_the_reference_tables(scaled: Declared, apart: Place) -> None:
    scaled.up(members(apart, 0, 1, 2, 3))
    placed = apart.by_hand("""SELECT groupid FROM pg_dist_placement JOIN pg_dist_shard
        USING (shardid) WHERE logicalrelid = 'ads.geo_ips'::regclass ORDER BY 1""")
    assert placed == [(0,), (1,), (2,), (3,), (4,)]


def test_a_worker_without_a_reference_table_is_drift(scaled: Declared, apart: Place) -> None:
    port = apart.cluster.spare.address.port
    apart.by_hand(f"SELECT citus_add_node('{HOST}', {port}, groupid := 4)")
    declared = members(apart, 0, 1, 2, 3)
    scaled.up(declared)
    scaled.refresh()
    assert scaled.preview(declared) == []
    apart.by_hand("DELETE FROM pg_dist_placement WHERE groupid = 4")
    scaled.refresh()
    assert scaled.up(declared) == [
        "SELECT replicate_reference_tables() -- reference tables are on every node"
    ]


@pytest.mark.parametrize(
    ("down", "advice"),
    [
        pytest.param(
            1,
            "start it, then run this again (`make up` starts what is declared: declare worker-1 "
            "once more)",
            id="the one that leaves",
        ),
        pytest.param(2, "start it, then run this again", id="one that stays"),
    ],
)
def test_nobody_leaves_while_a_worker_is_down(
    scaled: Declared, apart: Place, monkeypatch: pytest.MonkeyPatch, down: int, advice: str
) -> None:
    monkeypatch.setattr(answers, "PATIENCE_SECONDS", 0)
    before = apart.by_hand("SELECT * FROM pg_dist_node"), groups(apart)
    node = apart.cluster.nodes[1 + down]
    apart.cluster.servers[node.name].stop()
    try:
        with pytest.raises(Refused) as refused:
            scaled.up(members(apart, 0, 2))
    finally:
        apart.cluster.start_node(node)
    assert str(refused.value) == (
        f"{node.name} ({node.address}) does not answer, and the nodes can't be changed without "
        f"it: {advice}; nothing was changed. docs/kinds.md tells how to give up a worker that is "
        "lost for good"
    )
    assert (apart.by_hand("SELECT * FROM pg_dist_node"), groups(apart)) == before


def test_a_table_without_a_primary_key_is_named_before_anything_moves(
    scaled: Declared, apart: Place
) -> None:
    apart.by_hand("CREATE TABLE alone.notes (id int)")
    [(home,)] = apart.by_hand("""SELECT groupid FROM pg_dist_placement JOIN pg_dist_shard
        USING (shardid) WHERE logicalrelid = 'alone.notes'::regclass""")
    staying = members(apart, *({0, 1, 2} - {home - 1}))
    before = apart.by_hand(PLACED)
    with pytest.raises(Refused) as refused:
        scaled.up(staying)
    assert str(refused.value) == (
        "alone.notes can't move while it is written to, without a primary key: give it one (or "
        "ALTER TABLE … REPLICA IDENTITY FULL), or let writes wait meanwhile by "
        "`bin/pulumi config set shardTransferMode block_writes`; nothing was changed"
    )
    assert apart.by_hand(PLACED) == before
    marked = "SELECT groupid FROM pg_dist_node WHERE NOT shouldhaveshards"
    assert apart.by_hand(marked) == [(0,)]
    scaled.up(replace(staying, shard_transfer_mode="block_writes"))
    assert home not in groups(apart)
    assert rows(apart) == [ROWS, 10, 10]


def test_the_last_worker_that_holds_shards_stays(scaled: Declared, apart: Place) -> None:
    with pytest.raises(Refused) as refused:
        scaled.up(members(apart))
    assert str(refused.value) == (
        "worker-0 and worker-1 and worker-2 can't leave: 9 shards would have to move, "
        "and no other worker may hold them"
    )
    assert groups(apart) == [1, 2, 3]


def set_on_coordinator(apart: Place, name: str, value: object) -> None:
    apart.by_hand(f"ALTER SYSTEM SET {name} = {value}")
    apart.by_hand("SELECT pg_reload_conf()")
    connections.IDLE.close()  # a kept session reads it a moment later


def test_shards_stay_where_another_disk_is_too_full(scaled: Declared, apart: Place) -> None:
    set_on_coordinator(apart, KEPT_FREE, 100)
    try:
        with pytest.raises(Refused) as refused:
            scaled.up(members(apart, 0, 2))
        assert re.fullmatch(
            r"worker-1 can't leave: [\d]+ [kM]B would have to move, and there is room for 0 bytes "
            r"on worker-0, 0 bytes on worker-2: Citus leaves 100 % of each disk free "
            rf"\({KEPT_FREE}, which citus:postgresqlConf may set\)",
            str(refused.value),
        )
        assert groups(apart) == [1, 2, 3]
        set_on_coordinator(apart, "citus.check_available_space_before_move", "off")
        scaled.up(members(apart, 0, 2))
        assert groups(apart) == [1, 3]
    finally:
        set_on_coordinator(apart, KEPT_FREE, "DEFAULT")
        set_on_coordinator(apart, "citus.check_available_space_before_move", "DEFAULT")


def test_a_worker_at_a_new_address_keeps_its_shards(scaled: Declared, apart: Place) -> None:
    cluster = apart.cluster
    node = cluster.workers[1]
    [port] = free_ports(1)
    moved = replace(node, address=Address(HOST, port))
    declared = members(apart, 0, 1, 2)
    there = {**declared.workers, "worker-1": replace(declared.workers["worker-1"], port=port)}
    try:
        _restart(apart, moved)
        [planned] = scaled.up(replace(declared, workers=there))
        assert planned == (
            f"SELECT citus_update_node(nodeid, '{HOST}', {port}) FROM pg_dist_node"
            " WHERE groupid = 2 AND noderole = 'primary'"
            f" -- worker-1 has moved, from {node.address}"
        )
        assert rows(apart) == [ROWS, 10, 10]
        apart.by_hand("CREATE TABLE ads.more (id bigint PRIMARY KEY)")  # every node is in sync
        apart.by_hand("SELECT create_distributed_table('ads.more', 'id')")
    finally:
        _restart(apart, node)
        scaled.up(declared)
    assert rows(apart) == [ROWS, 10, 10]


def _restart(apart: Place, node: Node) -> None:
    apart.cluster.servers[node.name].stop()
    apart.cluster.start_node(node)


@pytest.mark.real_only("a move on the stand-in takes no time")
def test_a_drain_that_was_cut_off_is_taken_up_again(scaled: Declared, apart: Place) -> None:
    left = members(apart, 0, 2)
    ended = threading.Thread(target=_when, args=(lambda: _end_the_session(apart),))
    ended.start()
    with pytest.raises(StatementFailed, match="run it again, it goes on from here"):
        scaled.up(left)
    ended.join()
    scaled.refresh()
    planned = scaled.up(left)
    assert planned[0].startswith("SELECT citus_drain_node")  # it is marked already
    assert groups(apart) == [1, 3]
    assert rows(apart) == [ROWS, 10, 10]


def _end_the_session(apart: Place) -> bool:
    """End the session of a plan once it moves shards, as a network error does."""
    return bool(
        apart.by_hand(f"""SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name = '{PLAN}' AND query LIKE '%drain%'
        AND (SELECT count(*) FILTER (WHERE progress > 0) FROM get_rebalance_progress()) > 0""")
    )


def _when(happens: Callable[[], bool]) -> None:
    patience = time.monotonic() + 30
    while not happens():
        assert time.monotonic() < patience
        time.sleep(0.05)
