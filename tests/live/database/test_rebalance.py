"""Shards are spread anew over the nodes that there are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from citus.database import moves, wait
from citus.database.errors import StatementFailed
from citus.database.membership import MembershipProvider
from citus.database.rebalance import RebalanceProvider, RebalanceSpec
from citus.errors import Refused
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

START = "SELECT citus_rebalance_start(rebalance_strategy := 'by_shard_count')"
JOBS = "SELECT job_id, state::text FROM pg_dist_background_job ORDER BY 1"


@pytest.fixture
def apart(place: Place) -> Iterator[Place]:
    """Give a database whose tables are on three of four workers."""
    with own_database(place) as apart:
        nodes = Declared(MembershipProvider())
        nodes.up(members(apart, 0, 1, 2))
        apart.by_hand(TABLES)
        nodes.up(members(apart, 0, 1, 2, 3))
        yield apart


def declared(apart: Place, *indices: int) -> RebalanceSpec:
    workers = [apart.cluster.nodes[1 + index] for index in indices]
    return RebalanceSpec(
        endpoint=apart.endpoint,
        workers={node.name: node.address for node in workers},
        strategy="by_shard_count",
        timeout_minutes=5,
    )


def test_a_worker_that_has_joined_gets_its_part_of_the_shards(
    apart: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource = Declared(RebalanceProvider())
    with statements_of_plans(apart.cluster, monkeypatch) as ran:
        planned = resource.up(declared(apart, 0, 1, 2, 3))
    assert ran.statements == without_why(planned) == [START]
    assert groups(apart) == [1, 2, 3, 4]
    assert max(count for _, count in apart.by_hand(PLACED)) <= 3
    assert rows(apart) == [ROWS, 10, 10]
    resource.refresh()
    assert not resource.changes(declared(apart, 0, 1, 2, 3))
    assert resource.preview(declared(apart, 0, 1, 2, 3)) == []
    # Another set of nodes: it is looked at again, and nothing is to do.
    assert [line.split(" -- ")[0] for line in resource.up(declared(apart, 0, 1, 2))] == [START]
    assert len(apart.by_hand(JOBS)) == 1


def test_a_threshold_is_the_strategys_own_and_drift_where_it_is_changed(apart: Place) -> None:
    spec = replace(declared(apart, 0, 1, 2, 3), strategy="by_disk_size", threshold=25)
    resource = Declared(RebalanceProvider())
    set_it = (
        "UPDATE pg_dist_rebalance_strategy SET default_threshold = 25 / 100.0"
        " WHERE name = 'by_disk_size'"
    )
    assert resource.up(spec)[0].startswith(set_it)
    resource.refresh()
    assert resource.preview(spec) == []
    apart.by_hand(
        "UPDATE pg_dist_rebalance_strategy SET default_threshold = 0.5 WHERE name = 'by_disk_size'"
    )
    resource.refresh()
    assert resource.up(spec)[0].startswith(set_it)
    resource.refresh()
    assert resource.preview(spec) == []


def test_a_table_without_a_primary_key_is_named_before_a_job_is_begun(apart: Place) -> None:
    apart.by_hand("CREATE TABLE alone.notes (id int)")
    with pytest.raises(Refused, match=r"^alone\.notes can't move while it is written to"):
        Declared(RebalanceProvider()).up(declared(apart, 0, 1, 2, 3))
    assert apart.by_hand(JOBS) == []


@pytest.mark.real_only("on the stand-in a job is over at once")
def test_a_job_that_runs_is_waited_for_and_not_begun_twice(
    apart: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(wait, "_PROGRESS_SECONDS", 0.5)
    apart.by_hand("SELECT citus_rebalance_start('by_shard_count')")
    Declared(RebalanceProvider()).up(declared(apart, 0, 1, 2, 3))
    assert apart.by_hand(JOBS) == [(1, "finished")]
    assert "rebalance, job 1: " in capsys.readouterr().out


@pytest.fixture
def cannot_move(apart: Place) -> None:
    """Let no node know how to log in as the owner of what moves."""
    apart.by_hand("CREATE ROLE {name} LOGIN")
    apart.by_hand("ALTER TABLE ads.companies OWNER TO {name}")


def move_again(apart: Place) -> None:
    apart.by_hand("ALTER TABLE ads.companies OWNER TO postgres")
    apart.by_hand("DROP ROLE {name}")


@pytest.mark.real_only("on the stand-in no move fails")
@pytest.mark.usefixtures("cannot_move")
def test_somebody_elses_job_whose_move_fails_is_told_of_and_never_stopped(
    apart: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moves, "NONE_RUNNING", replace(moves.NONE_RUNNING, patience=2))
    apart.by_hand("SELECT citus_rebalance_start('by_shard_count')")
    try:
        with pytest.raises(StatementFailed, match=r"rebalance, job 1: ERROR: .*has not moved for"):
            Declared(RebalanceProvider()).up(declared(apart, 0, 1, 2, 3))
        assert apart.by_hand(JOBS) == [(1, "running")]
    finally:
        apart.by_hand("SELECT citus_rebalance_stop()")
        move_again(apart)


@pytest.mark.real_only("on the stand-in no move fails")
@pytest.mark.usefixtures("cannot_move")
def test_a_move_that_fails_is_told_at_once_and_the_job_is_stopped(apart: Place) -> None:
    with pytest.raises(StatementFailed) as failed:
        Declared(RebalanceProvider()).up(declared(apart, 0, 1, 2, 3))
    said = str(failed.value)
    assert said.startswith("rebalance of the shards: rebalance, job 1: ERROR: ")
    assert f"{apart.name}@" in said
    assert "CONTEXT" not in said
    assert f"STATEMENT: {START}" in said
    assert apart.by_hand(JOBS) == [(1, "cancelled")]
    move_again(apart)
    Declared(RebalanceProvider()).up(declared(apart, 0, 1, 2, 3))
    assert groups(apart) == [1, 2, 3, 4]
