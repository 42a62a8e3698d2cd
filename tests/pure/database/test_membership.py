from __future__ import annotations

from typing import Any

import pytest

from citus.database.membership import MembershipProvider, MembershipSpec, Worker
from citus.endpoint import Address
from citus.errors import Refused
from tests.pure.database.specs import ENDPOINT, members, rendered, worker, workers

pytestmark = pytest.mark.pure

HOST = "SELECT citus_set_coordinator_host('127.0.0.1', 15432)"
ADD = [f"SELECT citus_add_node('127.0.0.1', {15433 + i}, groupid := {i + 1})" for i in range(12)]
provider = MembershipProvider()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (None, members(workers(0, 1)), [HOST, ADD[0], ADD[1]]),
        (None, members({}), [HOST]),
        (members(workers(0)), members(workers(0, 1)), [ADD[1]]),
        (members(workers(0, 2)), members(workers(0, 1, 2)), [ADD[1]]),
        (members({}), members(workers(10, 2)), [ADD[2], ADD[10]]),
        (members(workers(0, 1)), members(workers(0, 1)), []),
        (members(workers(0), Address("localhost", 15432)), members(workers(0)), [HOST]),
        (
            members({"worker-0": worker(0, active=False)}),
            members(workers(0)),
            ["SELECT citus_activate_node('127.0.0.1', 15433)"],
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
    ]


@pytest.mark.parametrize("left", [(0, 1), (0, 2), (1, 2)])
def test_a_worker_that_leaves_is_refused_with_the_way_back(left: tuple[int, int]) -> None:
    gone = ({0, 1, 2} - set(left)).pop()
    with pytest.raises(
        Refused, match=f"^worker-{gone} would leave .* set citus:workers back to 3$"
    ):
        provider.plan(members(workers(0, 1, 2)), members(workers(*left)))


@pytest.mark.parametrize(
    ("row", "was"),
    [
        (worker(1, port=7000), "127.0.0.1:7000, group 2"),
        (Worker("elsewhere", 15434, 2, active=True), "elsewhere:15434, group 2"),
        (Worker("127.0.0.1", 15434, 9, active=False), "127.0.0.1:15434, group 9"),
    ],
    ids=["port", "host", "group"],
)
def test_a_worker_that_moves_is_refused_with_both_addresses(row: Worker, was: str) -> None:
    with pytest.raises(
        Refused, match=f"^worker-1 is registered as {was}, but declared as 127.0.0.1:15434, group 2"
    ):
        provider.plan(members({"worker-1": row}), members(workers(1)))


class Database:
    """A `pg_dist_node` of these rows."""

    def __init__(self, *rows: tuple[str, int, int, bool]) -> None:
        self.table = list(rows)

    def rows(self, _query: str) -> list[tuple[str, int, int, bool]]:
        return self.table


def observe(*rows: tuple[str, int, int, bool]) -> Any:
    database: Any = Database(*rows)
    return provider.observe(database, members(workers(0, 1)))


ROW_0 = ("127.0.0.1", 15432, 0, True)
ROW_1 = ("127.0.0.1", 15433, 1, True)
ROW_2 = ("127.0.0.1", 15434, 2, False)


def test_no_registered_node_is_no_membership() -> None:
    assert observe() is None


def test_observed_nodes_have_their_declared_names() -> None:
    observed = observe(ROW_0, ROW_1, ROW_2)
    assert observed.spec == members({"worker-0": worker(0), "worker-1": worker(1, active=False)})


def test_active_workers_are_those_that_take_part() -> None:
    assert observe(ROW_0, ROW_1, ROW_2).facts == {"active_workers": ["127.0.0.1:15433"]}


def test_a_moved_node_is_matched_by_its_group() -> None:
    observed = observe(ROW_0, ("elsewhere", 1, 1, True))
    assert observed.spec.workers == {"worker-0": Worker("elsewhere", 1, 1, active=True)}


def test_a_node_of_another_group_is_matched_by_its_address() -> None:
    observed = observe(ROW_0, ("127.0.0.1", 15433, 9, True))
    assert observed.spec.workers == {"worker-0": Worker("127.0.0.1", 15433, 9, active=True)}


def test_a_stranger_is_reported_and_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    observed = observe(ROW_0, ROW_1, ("stranger", 5432, 7, True))
    assert "warning: node stranger:5432 (group 7)" in capsys.readouterr().out
    assert rendered(provider.plan(observed.spec, members(workers(0, 1)))) == [ADD[1]]


def test_a_coordinator_that_is_not_registered_is_set_first() -> None:
    plan = provider.plan(observe(ROW_1).spec, members(workers(0, 1)))
    assert rendered(plan) == [HOST, ADD[1]]
