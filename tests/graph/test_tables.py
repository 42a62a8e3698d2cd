"""Tables that a stack declares by its configuration alone: Citus' multi-tenant example."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from citus.database.distributed_table import DistributedTableProvider
from citus.errors import ConfigError
from tests.graph.program import CHANGED, is_secret, without_secrets

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.graph.program import Graph

pytestmark = pytest.mark.graph

COORDINATOR = "PostgresServer coordinator"
GEO_IPS, COMPANIES = "ReferenceTable ads.geo_ips", "DistributedTable ads.companies"
CAMPAIGNS, ADS = "DistributedTable ads.campaigns", "DistributedTable ads.ads"
EVENTS = "DistributedTable archive.Events"
DECLARED: list[dict[str, Any]] = [
    {"schema": "ads", "table": "geo_ips", "reference": True, "onDelete": "undistribute"},
    {
        "schema": "ads",
        "table": "companies",
        "distributionColumn": "id",
        "shardCount": 32,
        "colocateWith": "none",
    },
    {
        "schema": "ads",
        "table": "campaigns",
        "distributionColumn": "company_id",
        "colocateWith": "companies",
    },
    {
        "schema": "ads",
        "table": "ads",
        "distributionColumn": "company_id",
        "colocateWith": "ads.campaigns",
        "concurrently": True,
    },
    {"schema": "archive", "table": "Events", "singleShard": True, "onDelete": "drop"},
]
INPUTS: dict[str, dict[str, Any]] = {
    GEO_IPS: {"name": "geo_ips", "distribution": "reference", "on_delete": "undistribute"},
    COMPANIES: {
        "name": "companies",
        "distribution_column": "id",
        "shard_count": 32,
        "colocate_with": "none",
        "followers": ["ads.campaigns", "ads.ads"],
    },
    CAMPAIGNS: {
        "name": "campaigns",
        "distribution_column": "company_id",
        "colocate_with": "ads.companies",
    },
    ADS: {
        "name": "ads",
        "distribution_column": "company_id",
        "colocate_with": "ads.campaigns",
        "concurrently": True,
    },
    EVENTS: {"name": "Events", "distribution": "single shard", "on_delete": "drop"},
}
IN_ORDER = [*INPUTS]


@pytest.fixture(scope="module")
def graph(run: Callable[..., Graph]) -> Graph:
    return run(tables=json.dumps(DECLARED))


def table(graph: Graph, key: str) -> dict[str, Any]:
    """Give a table's inputs that are no default, without its endpoint and provider."""
    inputs = graph.resources[key].inputs
    left_out = {"endpoint", "__provider", "colocation_id", "changed_at"}
    return {name: value for name, value in inputs.items() if name not in left_out}


def tables(graph: Graph) -> list[str]:
    """Give the keys of all tables in the order in which they were made."""
    kinds = ("DistributedTable", "ReferenceTable")
    return [key for key in graph.resources if key.split()[0] in kinds]


def waits_for(graph: Graph, key: str) -> set[str]:
    """Give what a resource depends on, the password by which it logs in apart."""
    return {graph.key(urn) for urn in graph.resources[key].depends_on} - {"Password postgres"}


def test_each_table_is_a_resource_and_none_is_there_by_default(graph: Graph, up: Graph) -> None:
    assert sorted(tables(graph)) == sorted(IN_ORDER)
    assert tables(up) == []


@pytest.mark.parametrize(("key", "expected"), INPUTS.items(), ids=INPUTS)
def test_a_table_is_as_declared(graph: Graph, key: str, expected: dict[str, Any]) -> None:
    schema = key.split()[1].split(".", maxsplit=1)[0]
    assert table(graph, key) == {"schema": schema, **expected}


def test_an_odd_name_is_quoted_where_sql_needs_it(run: Callable[..., Graph]) -> None:
    odd = {"schema": "archive", "table": "Own Table", "distributionColumn": "Id"}
    beside = {**odd, "table": "beside", "colocateWith": "Own Table"}
    graph = run(tables=json.dumps([odd, beside]))
    assert table(graph, "DistributedTable archive.Own Table")["name"] == "Own Table"
    assert table(graph, "DistributedTable archive.beside")["colocate_with"] == 'archive."Own Table"'


def test_a_table_waits_for_its_files_and_for_the_table_before(graph: Graph) -> None:
    for before, key in zip([None, *IN_ORDER], IN_ORDER, strict=False):
        migrations = f"Migrations {table(graph, key)['schema']}"
        assert waits_for(graph, key) == {migrations, *([before] if before else [])}


@pytest.mark.parametrize("key", IN_ORDER)
def test_a_table_has_its_parent_and_goes_with_the_coordinators_server(
    graph: Graph, key: str
) -> None:
    assert graph.key(graph.resources[key].parent) == "Tables tables"
    assert graph.key(graph.resources[key].deleted_with) == COORDINATOR
    assert COORDINATOR in graph.reachable(key)
    assert is_secret(graph.resources[key].inputs["endpoint"]["password"])


@pytest.mark.parametrize(
    ("key", "other"), [(GEO_IPS, "DistributedTable"), (COMPANIES, "ReferenceTable")]
)
def test_a_table_that_was_of_the_other_kind_is_the_same_one(
    graph: Graph, key: str, other: str
) -> None:
    """So that the one becomes the other by an update, and nothing is made beside it."""
    types = [alias["spec"]["type"] for alias in graph.resources[key].aliases]
    assert types == [f"pulumi-python:dynamic/citus:{other}"]


def test_placements_come_after_the_tables(graph: Graph) -> None:
    placements = graph.resources["Placements placements"]
    assert {*IN_ORDER, "Migrations ads", "Schema archive"} <= waits_for(
        graph, "Placements placements"
    )
    for key in IN_ORDER:
        assert placements.inputs["after"][key] == CHANGED["changed_at"]


@pytest.mark.parametrize("name", ["ads", "archive"])
def test_a_schema_of_tables_is_an_ordinary_one_with_a_role_of_its_own(
    graph: Graph, name: str
) -> None:
    assert graph.resources[f"Schema {name}"].inputs["distributed"] is False
    assert graph.resources[f"Schema {name}"].inputs["owner"] == name
    assert graph.key(graph.resources[f"Role {name}"].parent) == f"OwnedSchema {name}"
    assert is_secret(graph.outputs["databaseUrls"][name])
    assert name in {schema["name"] for schema in graph.outputs["schemas"]}


def test_a_service_does_not_wait_for_tables_that_are_not_its_own(graph: Graph) -> None:
    assert not {*IN_ORDER} & graph.reachable("ServiceProcess user")


def test_the_order_is_the_declared_one(run: Callable[..., Graph]) -> None:
    other_way = [DECLARED[1], DECLARED[0]]
    graph = run(tables=json.dumps(other_way))
    assert waits_for(graph, GEO_IPS) == {COMPANIES, "Migrations ads"}
    assert waits_for(graph, COMPANIES) == {"Migrations ads"}
    assert "followers" not in table(graph, COMPANIES)


def test_more_shards_show_the_rewrite_with_the_tables_that_are_colocated(
    run: Callable[..., Graph], graph: Graph
) -> None:
    more = [{**entry, "shardCount": 64} if "shardCount" in entry else entry for entry in DECLARED]
    olds, news = (
        without_secrets(g.resources[COMPANIES].inputs)
        for g in (graph, run(tables=json.dumps(more)))
    )
    provider: Any = DistributedTableProvider()
    rewrite, *_ = provider.check(olds, news).inputs["planned_sql"]
    assert rewrite.startswith(
        "SELECT alter_distributed_table('ads.companies', "
        "shard_count := 64, cascade_to_colocated := true) -- "
    )


def test_a_preview_knows_all_of_a_table(run: Callable[..., Graph], graph: Graph) -> None:
    preview = run(preview=True, tables=json.dumps(DECLARED))
    assert {key: table(preview, key) for key in IN_ORDER} == {
        key: table(graph, key) for key in IN_ORDER
    }


def test_a_bad_table_ends_the_program_in_a_sentence(run: Callable[..., Graph]) -> None:
    with pytest.raises(ConfigError, match=r"citus:tables\[0\]"):
        run(tables=json.dumps([{"schema": "ads", "table": "companies"}]))
