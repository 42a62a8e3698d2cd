from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from citus.database.membership import MembershipProvider, MembershipSpec, Worker
from citus.endpoint import Address
from citus.errors import Refused
from tests.pure.database.specs import ENDPOINT, members, rendered, worker, workers

pytestmark = pytest.mark.pure

HOST = "SELECT citus_set_coordinator_host('127.0.0.1', 15432)"
ADD = [f"SELECT citus_add_node('127.0.0.1', {15433 + i}, groupid := {i + 1})" for i in range(12)]
REPLICATE = "SELECT replicate_reference_tables()"
CLEAN_UP = "CALL citus_cleanup_orphaned_resources()"
provider = MembershipProvider()


def may_hold(index: int, *, shards: bool) -> str:
    value = str(shards).lower()
    return (
        f"SELECT citus_set_node_property('127.0.0.1', {15433 + index}, 'shouldhaveshards', {value})"
    )


def moved(index: int, *, port: int) -> str:
    return (
        f"SELECT citus_update_node(nodeid, '127.0.0.1', {port}) FROM pg_dist_node"
        f" WHERE groupid = {index + 1} AND noderole = 'primary'"
    )


def emptied(index: int, how: str = "") -> list[str]:
    at = f"'127.0.0.1', {15433 + index}"
    remove = f"SELECT citus_remove_node({at})"
    return [f"SELECT citus_drain_node({at}{how})", CLEAN_UP, remove]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (None, members(workers(0, 1)), [HOST, ADD[0], ADD[1], REPLICATE]),
        (None, members({}), [HOST]),
        (members(workers(0)), members(workers(0, 1)), [ADD[1], REPLICATE]),
        (members(workers(0, 2)), members(workers(0, 1, 2)), [ADD[1], REPLICATE]),
        (members({}), members(workers(10, 2)), [ADD[2], ADD[10], REPLICATE]),
        (members(workers(0, 1)), members(workers(0, 1)), []),
        (members(workers(0), Address("localhost", 15432)), members(workers(0)), [HOST]),
        (
            members({"worker-0": worker(0, active=False)}),
            members(workers(0)),
            ["SELECT citus_activate_node('127.0.0.1', 15433)"],
        ),
        (
            members({"worker-0": worker(0, should_have_shards=False)}),
            members(workers(0)),
            [may_hold(0, shards=True)],
        ),
        (
            members({"worker-0": worker(0, has_reference_tables=False)}),
            members(workers(0)),
            [REPLICATE],
        ),
        (
            members(workers(0, 1, 2)),
            members(workers(0)),
            [may_hold(1, shards=False), may_hold(2, shards=False), *emptied(1), *emptied(2)],
        ),
        (
            members({**workers(0), "worker-1": worker(1, should_have_shards=False)}),
            members(workers(0)),
            emptied(1),
        ),
        (
            members({**workers(0), "worker-1": worker(1, shards=0, orphans=2)}),
            members(workers(0)),
            [may_hold(1, shards=False), *emptied(1)[1:]],
        ),
        (
            members({**workers(0), "worker-1": worker(1, shards=0, orphans=0)}),
            members(workers(0)),
            [may_hold(1, shards=False), emptied(1)[-1]],
        ),
        (
            members(workers(0, 1)),
            members(workers(0, 2)),
            [ADD[2], REPLICATE, may_hold(1, shards=False), *emptied(1)],
        ),
        (
            members({"worker-0": worker(0, port=7000)}),
            members(workers(0)),
            [moved(0, port=15433)],
        ),
        (
            members({"worker-0": worker(0, port=15434), "worker-1": worker(1, port=15435)}),
            members({"worker-0": worker(0, port=15435), "worker-1": worker(1, port=15436)}),
            [moved(1, port=15436), moved(0, port=15435)],
        ),
    ],
    ids=[
        "first",
        "coordinator alone",
        "join",
        "join in the middle",
        "in the order of groups, not of names",
        "unchanged",
        "coordinator readdressed",
        "disabled by hand",
        "may hold no shards, by hand",
        "lacks reference tables",
        "leave, all marked before the first is drained",
        "leaves, and is marked",
        "leaves, and is drained",
        "leaves, and is clean",
        "one joins before another leaves",
        "at a new address",
        "at an address that another leaves first",
    ],
)
def test_plan(old: MembershipSpec | None, new: MembershipSpec, expected: list[str]) -> None:
    assert rendered(provider.plan(old, new)) == expected


def test_containers_are_added_by_their_names() -> None:
    new = MembershipSpec(
        ENDPOINT,
        Address("coordinator", 5432),
        {"worker-3": Worker("worker-3", 5432, 4, True)},  # noqa: FBT003
    )
    assert rendered(provider.plan(None, new)) == [
        "SELECT citus_set_coordinator_host('coordinator', 5432)",
        "SELECT citus_add_node('worker-3', 5432, groupid := 4)",
        REPLICATE,
    ]


def test_shards_move_as_the_stack_says() -> None:
    old = replace(members(workers(0, 1)), shard_transfer_mode="block_writes")
    new = replace(old, workers=workers(0, 2))
    assert rendered(provider.plan(old, new)) == [
        ADD[2],
        "SELECT replicate_reference_tables('block_writes')",
        may_hold(1, shards=False),
        *emptied(1, ", 'block_writes'"),
    ]


def test_a_lost_worker_is_given_up_before_anything_else_and_that_destroys_data() -> None:
    new = replace(members(workers(0, 2)), lost=("worker-1", "worker-7"))
    plan = provider.plan(members(workers(0, 1, 3)), new)
    shown = [line.split("\n")[0] for line in rendered(plan)]
    assert shown[0] == "UPDATE pg_dist_node SET isactive = false WHERE groupid = 2"
    assert shown.index("SELECT citus_remove_node('127.0.0.1', 15434)") < shown.index(ADD[2])
    assert shown[-4:] == [may_hold(3, shards=False), *emptied(3)]
    [destroying] = [statement for statement in plan if statement.destroys_data]
    assert destroying.why == "the rows of the shards that only worker-1 had are lost"
    given_up = [s for s in plan if s.transaction == destroying.transaction]
    assert destroying is given_up[0]
    assert "citus_remove_node" in given_up[3].text


def test_a_lost_worker_that_is_set_aside_is_not_so_again() -> None:
    new = replace(members(workers(0)), lost=("worker-1",))
    plan = provider.plan(members({**workers(0), "worker-1": worker(1, active=False)}), new)
    assert "isactive = false" not in plan[0].text
    assert plan == provider.plan(members(workers(0, 1)), new)[1:]


def test_nodes_that_change_places_are_refused() -> None:
    old = members({"worker-0": worker(0, port=7000), "worker-1": worker(1, port=7001)})
    new = members({"worker-0": worker(0, port=7001), "worker-1": worker(1, port=7000)})
    with pytest.raises(Refused, match=r"^worker-0 and worker-1 can't change places"):
        provider.plan(old, new)


def test_a_worker_of_another_group_is_refused_with_both_addresses() -> None:
    row = Worker("127.0.0.1", 15434, 9, active=False)
    with pytest.raises(
        Refused,
        match=r"^worker-1 is registered as 127\.0\.0\.1:15434, group 9, "
        r"but declared as 127\.0\.0\.1:15434, group 2: a node keeps its group",
    ):
        provider.plan(members({"worker-1": row}), members(workers(1)))


Row = tuple[str, int, int, bool, bool, bool]


class Database:
    """A `pg_dist_node` of these rows."""

    def __init__(self, *rows: Row, at_work: bool = False) -> None:
        self.table = list(rows)
        self.at_work = at_work
        self.lenient = True

    def rows(self, query: str) -> list[Any]:
        return [(self.at_work,)] if "pg_locks" in query else self.table


def observe(*rows: Row, at_work: bool = False) -> Any:
    database: Any = Database(*rows, at_work=at_work)
    return provider.observe(database, members(workers(0, 1)))


ROW_0 = ("127.0.0.1", 15432, 0, True, False, True)
ROW_1 = ("127.0.0.1", 15433, 1, True, True, True)
ROW_2 = ("127.0.0.1", 15434, 2, False, True, True)


def test_no_registered_node_is_no_membership() -> None:
    assert observe() is None


def test_observed_nodes_have_their_declared_names() -> None:
    observed = observe(ROW_0, ROW_1, ROW_2)
    assert observed.spec == members({"worker-0": worker(0), "worker-1": worker(1, active=False)})


def test_active_workers_are_those_that_take_part() -> None:
    assert observe(ROW_0, ROW_1, ROW_2).facts == {"active_workers": ["127.0.0.1:15433"]}


def test_a_refresh_beside_another_run_has_not_seen_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert observe(ROW_0, ROW_1).spec.seen
    assert capsys.readouterr().out == ""
    assert not observe(ROW_0, ROW_1, at_work=True).spec.seen
    assert "warning: another run is at work" in capsys.readouterr().out


def test_a_moved_node_is_matched_by_its_group() -> None:
    observed = observe(ROW_0, ("elsewhere", 1, 1, True, True, True))
    assert observed.spec.workers == {"worker-0": Worker("elsewhere", 1, 1, active=True)}


def test_a_node_of_another_group_is_matched_by_its_address() -> None:
    observed = observe(ROW_0, ("127.0.0.1", 15433, 9, True, True, True))
    assert observed.spec.workers == {"worker-0": Worker("127.0.0.1", 15433, 9, active=True)}


def test_a_stranger_is_reported_and_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    observed = observe(ROW_0, ROW_1, ("stranger", 5432, 7, True, True, True))
    assert "warning: node stranger:5432 (group 7)" in capsys.readouterr().out
    assert rendered(provider.plan(observed.spec, members(workers(0, 1)))) == [
        ADD[1],
        REPLICATE,
    ]


@pytest.mark.parametrize(
    "address",
    [
        pytest.param(("127.0.0.1", 15435), id="on this machine, by its port"),
        pytest.param(("worker-2", 15432), id="in containers, by its name"),
    ],
)
def test_a_worker_of_the_stack_that_a_run_cut_off_has_joined_is_emptied_and_removed(
    address: tuple[str, int], capsys: pytest.CaptureFixture[str]
) -> None:
    observed = observe(ROW_0, ROW_1, (*address, 3, True, True, True))
    assert "warning" not in capsys.readouterr().out
    assert [*observed.spec.workers] == ["worker-0", "worker-2"]
    at = "('{}', {}".format(*address)
    plan = rendered(provider.plan(observed.spec, members(workers(0))))
    assert [statement.partition(")")[0] for statement in plan] == [
        f"SELECT citus_set_node_property{at}, 'shouldhaveshards', false",
        f"SELECT citus_drain_node{at}",
        "CALL citus_cleanup_orphaned_resources(",
        f"SELECT citus_remove_node{at}",
    ]


def test_a_coordinator_that_is_not_registered_is_set_first() -> None:
    plan = provider.plan(observe(ROW_1).spec, members(workers(0, 1)))
    assert rendered(plan) == [HOST, ADD[1], REPLICATE]
