"""The nodes of a cluster, when somebody else has had a hand in them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from citus.database import answers, catalogue_lock
from citus.database.errors import ChangedSincePreview
from citus.database.executor import connect
from citus.database.membership import MembershipProvider, MembershipSpec
from citus.errors import Refused
from tests.live.cluster import HOST, free_ports
from tests.live.database.conftest import Placed
from tests.live.database.kinds import KINDS
from tests.live.database.place import Place
from tests.live.declared import Declared, RefusedInPreview
from tests.live.server_log import statements_of_plans

pytestmark = pytest.mark.live

[MEMBERSHIP] = [kind for kind in KINDS if kind.name == "membership"]


@pytest.fixture
def apart(place: Place, placed: Placed) -> Place:
    """Give a database of its own, whose nodes are not yet joined."""
    return placed(MEMBERSHIP, place)


def declared(apart: Place) -> MembershipSpec:
    return apart.cluster.membership(*apart.cluster.workers, database=apart.database)


def add_by_hand(apart: Place, port: int, groupid: int) -> None:
    port_of_coordinator = apart.cluster.coordinator.address.port
    apart.by_hand(f"SELECT citus_set_coordinator_host('{HOST}', {port_of_coordinator})")
    apart.by_hand(f"SELECT citus_add_node('{HOST}', {port}, groupid := {groupid})")


def groups(apart: Place) -> list[tuple[int, int]]:
    sql = "SELECT groupid, nodeport FROM pg_dist_node WHERE groupid > 0 ORDER BY groupid"
    return [(row[0], row[1]) for row in apart.by_hand(sql)]


def test_the_preview_names_every_node_by_its_address_and_group(apart: Place) -> None:
    ports = [node.address.port for node in apart.cluster.nodes]
    assert [line.split(" --")[0] for line in MEMBERSHIP.resource().preview(declared(apart))] == [
        f"SELECT citus_set_coordinator_host('127.0.0.1', {ports[0]})",
        f"SELECT citus_add_node('127.0.0.1', {ports[1]}, groupid := 1)",
        f"SELECT citus_add_node('127.0.0.1', {ports[2]}, groupid := 2)",
        f"SELECT citus_add_node('127.0.0.1', {ports[3]}, groupid := 3)",
        "SELECT replicate_reference_tables()",
    ]


def test_a_node_registered_by_hand_under_another_group_is_refused_by_name(
    apart: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = apart.cluster.workers[1].address.port
    add_by_hand(apart, port, 9)
    resource = Declared(MembershipProvider())
    with (
        statements_of_plans(apart.cluster, monkeypatch) as ran,
        pytest.raises(Refused) as refused,
    ):
        resource.up(declared(apart))
    assert ran.statements == []
    assert str(refused.value) == (
        f"worker-1 is registered as 127.0.0.1:{port}, group 9, but declared as "
        f"127.0.0.1:{port}, group 2: a node keeps its group; take that node out of the cluster "
        "by hand first (citus_drain_node, citus_remove_node)"
    )
    assert groups(apart) == [(9, port)]


def test_a_node_moved_to_another_group_by_hand_is_refused_in_the_next_preview(
    apart: Place,
) -> None:
    resource = Declared(MembershipProvider())
    resource.up(declared(apart))
    port = apart.cluster.workers[2].address.port
    apart.by_hand(f"SELECT citus_remove_node('{HOST}', {port})")
    apart.by_hand(f"SELECT citus_add_node('{HOST}', {port}, groupid := 7)")
    resource.refresh()
    with pytest.raises(RefusedInPreview, match=r"group 7, but declared as .*, group 3"):
        resource.preview(declared(apart))


def test_a_node_that_is_not_declared_is_told_of_and_left_alone(
    apart: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    resource = Declared(MembershipProvider())
    resource.up(declared(apart))
    spare = apart.cluster.spare.address
    apart.by_hand(f"SELECT citus_add_node('{HOST}', {spare.port}, groupid := 9)")
    capsys.readouterr()
    resource.refresh()
    assert capsys.readouterr().out == (
        f"warning: node {spare} (group 9) is in pg_dist_node but not declared; it is left alone\n"
    )
    assert resource.preview(declared(apart)) == []
    assert (9, spare.port) in groups(apart)


@pytest.mark.real_only("the stand-in has no citus_disable_node")
def test_a_node_that_was_disabled_takes_part_again(apart: Place) -> None:
    resource = Declared(MembershipProvider())
    resource.up(declared(apart))
    port = apart.cluster.workers[1].address.port
    before = resource.outputs["active_workers"]
    apart.by_hand(f"SELECT citus_disable_node('{HOST}', {port}, synchronous := true)")
    resource.refresh()
    assert f"{HOST}:{port}" not in resource.outputs["active_workers"]
    assert resource.up(declared(apart)) == [
        f"SELECT citus_activate_node('{HOST}', {port}) -- worker-1 takes part again"
    ]
    resource.refresh()
    assert resource.outputs["active_workers"] == before
    assert not resource.changes(declared(apart))


def test_a_worker_that_does_not_answer_is_named_before_any_is_added(
    apart: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "PATIENCE_SECONDS", 0)
    [port] = free_ports(1)
    spec = declared(apart)
    absent = replace(spec.workers["worker-1"], port=port)
    spec = replace(spec, workers={**spec.workers, "worker-1": absent})
    with pytest.raises(Refused) as refused:
        Declared(MembershipProvider()).up(spec)
    assert str(refused.value) == (
        f"worker-1 ({HOST}:{port}) does not answer, and the nodes can't be changed without it: "
        "start it, then run this again; nothing was changed. docs/kinds.md tells how to give "
        "up a worker that is lost for good"
    )
    assert groups(apart) == []


def test_a_refresh_while_a_run_is_at_work_has_not_seen_all(apart: Place) -> None:
    """What a killed run still joins is no row yet; its session holds the lock until it ends."""
    resource = Declared(MembershipProvider())
    resource.up(declared(apart))
    with connect(apart.endpoint) as another, catalogue_lock.held(another):
        resource.refresh()
    assert resource.changes(declared(apart))
    assert resource.up(declared(apart)) == []
    resource.refresh()
    assert not resource.changes(declared(apart))


def test_what_joins_after_such_a_refresh_is_refused_by_its_name(apart: Place) -> None:
    resource = Declared(MembershipProvider())
    resource.up(declared(apart))
    with connect(apart.endpoint) as another, catalogue_lock.held(another):
        resource.refresh()
    port = apart.cluster.spare.address.port
    group = port - apart.cluster.coordinator.address.port  # as the platform `local` counts
    add_by_hand(apart, port, group)
    where = f"its worker-{group - 1} is now at {HOST}:{port}"
    with pytest.raises(ChangedSincePreview, match=where):
        resource.up(declared(apart))


def test_a_worker_that_is_down_is_still_a_member_after_a_refresh(apart: Place) -> None:
    resource = Declared(MembershipProvider())
    resource.up(declared(apart))
    recorded = resource.outputs
    worker = apart.cluster.workers[1]
    apart.cluster.servers[worker.name].stop()
    try:
        resource.refresh()
    finally:
        apart.cluster.start_node(worker)
    assert resource.outputs == recorded
    assert resource.preview(declared(apart)) == []


def test_a_worker_taken_from_the_middle_is_matched_by_its_name(apart: Place) -> None:
    resource = Declared(MembershipProvider())
    resource.up(declared(apart))
    first, middle, last = apart.cluster.workers
    planned = resource.up(apart.cluster.membership(first, last, database=apart.database))
    port = middle.address.port
    assert [line.split(" -- ")[0] for line in planned] == [
        f"SELECT citus_set_node_property('{HOST}', {port}, 'shouldhaveshards', false)",
        f"SELECT citus_drain_node('{HOST}', {port})",
        "CALL citus_cleanup_orphaned_resources()",
        f"SELECT citus_remove_node('{HOST}', {port})",
    ]
    assert groups(apart) == [(1, first.address.port), (3, last.address.port)]
