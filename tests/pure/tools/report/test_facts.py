"""What the cluster adds: which tables are touched, how much moves, and how it reads."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.pure.tools.report.clusters import MIB, cluster, colocated
from tests.pure.tools.report.steps import DROP, decoded, step
from tools.live_cluster.sizes import Size
from tools.report import document, facts, figures
from tools.report.facts import Facts, Flow, Moves, TableFacts
from tools.report.preview import Preview, read
from tools.report.rebalancer import Move

pytestmark = pytest.mark.pure

ALTER = "SELECT alter_distributed_table('ads.companies', shard_count := 16"
NAMES = {1: "worker-0", 2: "worker-1", 3: "worker-2", 4: "worker-3"}


def one(made: dict[str, Any]) -> Preview:
    return read("dev", decoded(made))


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (
            step(
                "update",
                "DistributedTable ads.companies",
                {},
                {"schema": "ads", "name": "companies", "planned_sql": [f"{ALTER})"]},
            ),
            ["ads.companies"],
        ),
        (
            step(
                "update",
                "DistributedTable ads.companies",
                {},
                {
                    "schema": "ads",
                    "name": "companies",
                    "planned_sql": [f"{ALTER}, cascade_to_colocated := true)"],
                },
            ),
            ["ads.companies", "ads.ads"],
        ),
        (
            step("create", "DistributedTable x", after={"name": "x", "planned_sql": ["S"]}),
            [],
        ),
        (
            step("delete", "Schema ads", {"name": "ads", "delete_sql": DROP}),
            ["ads.companies", "ads.ads"],
        ),
        (step("delete", "Schema ads", {"name": "ads"}), []),
        (
            step("update", "Migrations geo", {}, {"schema": "geo", "planned_sql": ["S"]}),
            ["geo.ips"],
        ),
        (step("update", "Role ads", {}, {"name": "ads", "planned_sql": ["S"]}), []),
    ],
)
def test_the_tables_that_sql_touches(made: dict[str, Any], expected: list[str]) -> None:
    found = facts.touched(one(made).changes[0], cluster())
    assert [table.qualified for table in found] == expected


def test_a_move_takes_the_colocated_shards_along() -> None:
    moves = [Move(100, 1, 4), Move(103, 2, 4), Move(102, 1, 4)]
    assert facts.flows(moves, cluster(*colocated(4, 2)), NAMES) == [
        Flow("worker-0", "worker-3", 4, Size(4 * MIB, exact=True)),
        Flow("worker-1", "worker-3", 2, Size(2 * MIB, exact=True)),
    ]


def test_a_shard_of_a_node_that_is_down_has_no_known_size() -> None:
    (flow,) = facts.flows([Move(100, 1, 4)], cluster(*colocated(4, 2, None)), NAMES)
    assert str(flow.size) == "unknown"


FLOWS = (
    Flow("worker-0", "worker-3", 2, Size(96 * 1024, exact=True)),
    Flow("worker-1", "worker-3", 1, Size(0, exact=False)),
)


@pytest.mark.parametrize(
    ("moves", "told"),
    [
        (Moves(), "**None.**"),
        (Moves(FLOWS), "**3 shards, over 96 kB**."),
        (Moves(FLOWS[:1], ("it changes",)), "**2 shards, 96 kB**. An estimate: it changes."),
        (Moves(unknown="worker-1 is down."), "How many is not known: worker-1 is down."),
    ],
)
def test_how_many_shards_move_is_told(moves: Moves, told: str) -> None:
    assert list(figures.parts(Facts(moves=moves)))[:2] == ["### Shards that move", told]


def test_what_is_lost_is_told_with_its_rows() -> None:
    preview = one(step("delete", "Schema ads", {"name": "ads", "delete_sql": DROP}))
    urn = preview.changes[0].urn
    table = TableFacts("ads.companies", "1,000", Size(MIB, exact=True), 4)
    told = document.of(preview, Facts((table,), at_stake={urn: ("ads.companies: 1,000 rows",)}))
    assert "- Schema `ads`: schema ads goes\n  - ads.companies: 1,000 rows\n" in told
    assert "| `ads.companies` | 1,000 | 1024 kB | 4 |" in told


def test_without_facts_the_document_has_none() -> None:
    preview = one(step("update", "Role ads", {"a": 1}, {"a": 2}))
    assert document.of(preview) == document.of(preview, replace(Facts()))
