"""What a report asks of the cluster that is up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from citus.database.membership import MembershipProvider
from tests.live.cluster import Cluster
from tests.live.database.place import Place, a_name
from tests.live.database.tables_to_move import PLACED, ROWS, TABLES, groups, members, own_database
from tests.live.declared import Declared
from tools.live_cluster.reading import reading
from tools.report import live
from tools.report.facts import Facts
from tools.report.preview import Preview, read

pytestmark = pytest.mark.live

ROWS_LOST = [
    "DROP SCHEMA ads CASCADE -- DESTROYS DATA: schema ads goes",
    "-- refused unless permitted: bin/pulumi config set allowDataLoss p5f0c1b9ae27d",
]
START = ["SELECT citus_rebalance_start(rebalance_strategy := 'by_shard_count') -- spread"]

ROOMY = """
CREATE FUNCTION public.room(int) RETURNS real LANGUAGE sql AS 'SELECT $1::real';
SELECT citus_add_rebalance_strategy('roomy', 'citus_shard_cost_1', 'public.room',
    'citus_shard_allowed_on_node_true', 0)"""


@pytest.fixture(scope="module")
def apart(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Give a database whose tables are on three workers."""
    folder: Path = tmp_path_factory.mktemp("report")
    with own_database(Place(cluster, a_name(), folder)) as place:
        Declared(MembershipProvider()).up(members(place, 0, 1, 2))
        place.by_hand(TABLES)
        yield place


def workers(*indices: int) -> dict[str, Any]:
    return {"workers": {f"worker-{i}": {"groupid": i + 1} for i in indices}}


def step(op: str, resource: str, before: Any, after: Any) -> dict[str, Any]:
    kind, name = resource.split(" ")
    states = {"oldState": before, "newState": after}
    return {
        "op": op,
        "urn": f"urn:pulumi:dev::citus::pulumi-python:dynamic/citus:{kind}::{name}",
        **{k: {"custom": True, "inputs": v} for k, v in states.items() if v is not None},
    }


def asked(apart: Place, *steps: dict[str, Any]) -> tuple[Preview, Facts]:
    preview = read("dev", {"steps": list(steps)})
    with reading(apart.endpoint) as database:
        return preview, live.of(database, preview)


def test_what_goes_is_told_with_its_rows_and_size(apart: Place) -> None:
    drop = step("delete", "Schema ads", {"name": "ads", "delete_sql": ROWS_LOST}, None)
    preview, facts = asked(apart, drop)
    assert [(t.name, t.rows, t.shards) for t in facts.tables] == [
        ("ads.companies", f"{ROWS:,}", 8),
        ("ads.geo_ips", "10", 1),
    ]
    companies = facts.tables[0].size
    assert companies.exact
    assert companies.bytes > ROWS * 900
    assert facts.at_stake == {
        preview.changes[0].urn: (f"ads.companies: {ROWS:,} rows", "ads.geo_ips: 10 rows")
    }
    assert facts.moves is None


def test_the_moves_are_told_for_a_node_that_is_not_there_yet(apart: Place) -> None:
    _, facts = asked(
        apart,
        step("update", "Membership membership", workers(0, 1, 2), workers(0, 1, 2, 3)),
        step(
            "update",
            "Rebalance rebalance",
            {},
            {"strategy": "by_shard_count", "planned_sql": START},
        ),
    )
    assert facts.moves is not None
    assert facts.moves.shards == 2
    assert {flow.target for flow in facts.moves.flows} == {"worker-3"}
    assert facts.moves.size.bytes > 0
    assert bool(facts.moves.doubts) == apart.cluster.is_standin
    assert groups(apart) == [1, 2, 3]


def test_a_node_that_leaves_is_emptied(apart: Place) -> None:
    _, facts = asked(
        apart, step("update", "Membership membership", workers(0, 1, 2), workers(0, 1))
    )
    held = dict(apart.by_hand(PLACED))
    assert facts.moves is not None
    assert facts.moves.shards == held[3] > 0
    assert {flow.source for flow in facts.moves.flows} == {"worker-2"}


@pytest.mark.real_only("the stand-in knows no strategies of one's own")
def test_how_a_strategy_with_rules_of_its_own_moves_is_not_told(apart: Place) -> None:
    apart.by_hand(ROOMY)
    rebalance = {"strategy": "roomy", "planned_sql": START}
    _, facts = asked(apart, step("update", "Rebalance rebalance", {}, rebalance))
    assert facts.moves is not None
    assert facts.moves.unknown == "the strategy roomy has rules of its own for nodes"
