"""`citus:tables`: what is read from it."""

from __future__ import annotations

from typing import Any

import pytest

from citus.config.table_settings import TableName, TableSettings
from citus.settings import Settings
from tests.pure.config.config_file import ConfigFile

pytestmark = pytest.mark.pure

COMPANIES = {"schema": "ads", "table": "companies", "distributionColumn": "id"}
CAMPAIGNS = {"schema": "ads", "table": "campaigns", "distributionColumn": "company_id"}


def tables(*declared: dict[str, Any]) -> tuple[TableSettings, ...]:
    return Settings.from_config(ConfigFile({"tables": list(declared)}), "dev").tables


def test_a_multi_tenant_stack_is_declared_by_config_alone() -> None:
    """Citus' own example: companies, campaigns and ads by company, countries everywhere."""
    found = tables(
        {**COMPANIES, "shardCount": 64},
        {**CAMPAIGNS, "colocateWith": "companies"},
        {**CAMPAIGNS, "table": "ads", "colocateWith": "ads.companies"},
        {"schema": "ads", "table": "countries", "reference": True},
    )
    companies = TableName("ads", "companies")
    assert found == (
        TableSettings("ads", "companies", distribution_column="id", shard_count=64),
        TableSettings(
            "ads", "campaigns", distribution_column="company_id", colocate_with=companies
        ),
        TableSettings("ads", "ads", distribution_column="company_id", colocate_with=companies),
        TableSettings("ads", "countries", reference=True),
    )


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ({}, {}),
        ({"reference": False, "singleShard": "false"}, {}),
        ({"shardCount": 1}, {"shard_count": 1}),
        ({"shardCount": "64000"}, {"shard_count": 64000}),
        ({"shardCount": 32.0}, {"shard_count": 32}),
        ({"colocateWith": "default"}, {}),
        ({"colocateWith": "none", "shardCount": 8}, {"colocate_with": "none", "shard_count": 8}),
        ({"concurrently": True}, {"concurrently": True}),
        ({"concurrently": "true"}, {"concurrently": True}),
        ({"concurrently": False}, {}),
        ({"onDelete": "retain"}, {}),
        ({"onDelete": "undistribute"}, {"on_delete": "undistribute"}),
        ({"onDelete": "drop"}, {"on_delete": "drop"}),
    ],
    ids=str,
)
def test_an_entry_is_read_and_the_others_have_defaults(
    declared: dict[str, Any], expected: dict[str, Any]
) -> None:
    plain = {"schema": "ads", "table": "companies", "distribution_column": "id"}
    assert tables({**COMPANIES, **declared}) == (TableSettings(**{**plain, **expected}),)


def test_a_single_shard_table_has_neither_column_nor_copies() -> None:
    (first, second) = tables(
        {"schema": "ads", "table": "settings", "singleShard": True, "colocateWith": "none"},
        {"schema": "ads", "table": "hooks", "singleShard": "true", "colocateWith": "settings"},
    )
    assert first == TableSettings("ads", "settings", colocate_with="none")
    assert second == TableSettings("ads", "hooks", colocate_with=TableName("ads", "settings"))
    assert first.single_shard
    assert not any(table.single_shard for table in tables(COMPANIES))


def test_a_table_of_the_same_schema_comes_before_one_named_in_full() -> None:
    dotted = {**COMPANIES, "table": "shop.companies"}
    found = tables(
        {**COMPANIES, "schema": "shop"}, dotted, {**CAMPAIGNS, "colocateWith": "shop.companies"}
    )
    assert found[-1].colocate_with == TableName("ads", "shop.companies")


def test_tables_of_two_schemas_can_have_one_name() -> None:
    names = [str(table.name) for table in tables(COMPANIES, {**COMPANIES, "schema": "shop"})]
    assert names == ["ads.companies", "shop.companies"]


@pytest.mark.parametrize(
    "name", ["Companies", "2024", 'a "quoted" one', "default", "a.b", "ä" * 31]
)
def test_a_table_may_have_any_name_that_postgresql_takes(name: str) -> None:
    assert tables({**COMPANIES, "table": name})[0].table == name
