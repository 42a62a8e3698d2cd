"""`citus:schemas`: what is read from it, and what holds where it says nothing."""

from __future__ import annotations

from typing import Any

import pytest

from citus.config.schemas import SchemaSettings
from citus.errors import ConfigError
from citus.settings import Settings
from tests.pure.config.config_file import ConfigFile

pytestmark = pytest.mark.pure

COMPANIES = {"schema": "ads", "table": "companies", "distributionColumn": "id"}


def schemas(**values: object) -> tuple[SchemaSettings, ...]:
    return Settings.from_config(ConfigFile({"services": [], **values}), "dev").schemas


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        (None, SchemaSettings("ads")),
        ({}, SchemaSettings("ads")),
        ({"distributed": False}, SchemaSettings("ads", distributed=False)),
        ({"distributed": "false"}, SchemaSettings("ads", distributed=False)),
        ({"how": "setting"}, SchemaSettings("ads", how="setting")),
        ({"node": "worker-2"}, SchemaSettings("ads", node="worker-2")),
        ({"connectionLimit": 0}, SchemaSettings("ads", connection_limit=0)),
        ({"connectionLimit": "-1"}, SchemaSettings("ads")),
        ({"connectionLimit": 2147483647}, SchemaSettings("ads", connection_limit=2147483647)),
        ({"onDelete": "undistribute"}, SchemaSettings("ads", on_delete="undistribute")),
        ({"onDelete": "drop"}, SchemaSettings("ads", on_delete="drop")),
    ],
    ids=str,
)
def test_an_entry_is_read_and_the_others_have_defaults(
    declared: dict[str, Any] | None, expected: SchemaSettings
) -> None:
    assert schemas(schemas={"ads": declared}) == (expected,)


def test_the_services_come_first_and_the_others_by_name() -> None:
    found = schemas(
        services=["user", "ping"],
        schemas={"zoo": None, "user_service": {"how": "setting"}, "farm": None},
        tables=[COMPANIES],
    )
    names = [schema.name for schema in found]
    assert names == ["user_service", "ping_service", "ads", "farm", "zoo"]
    assert found[0].how == "setting"


def test_a_schema_with_tables_of_its_own_is_not_distributed() -> None:
    assert schemas(tables=[COMPANIES]) == (SchemaSettings("ads", distributed=False),)


def test_a_services_schema_can_hold_tables_if_it_is_not_distributed() -> None:
    found = schemas(
        services=["user"],
        schemas={"user_service": {"distributed": False}},
        tables=[{**COMPANIES, "schema": "user_service"}],
    )
    assert found == (SchemaSettings("user_service", distributed=False),)


def test_a_schema_of_the_users_own_can_have_a_baseline() -> None:
    found = schemas(schemas={"ads": None}, baseline={"ads": "001_companies.sql"})
    assert found == (SchemaSettings("ads", baseline="001_companies.sql"),)


@pytest.mark.parametrize("name", ["Ads", "my-ads", "ads 2", "2024", "ä", "a" * 63])
def test_a_schema_may_have_any_name_that_a_folder_and_postgresql_take(name: str) -> None:
    assert schemas(schemas={name: None}) == (SchemaSettings(name),)


@pytest.mark.parametrize(
    "name",
    [
        *("public", "information_schema", "pg_catalog", "pg_anything", "none", "postgres"),
        *("citus", "citus_internal", "citus_pulumi", "columnar", "columnar_internal"),
        *("", ".", "..", "a/b", "/", "a\0b", "a" * 64),
    ],
)
@pytest.mark.parametrize("where", ["schemas", "tables"])
def test_a_name_that_is_taken_or_that_none_can_take_is_refused(name: str, where: str) -> None:
    declared = {name: None} if where == "schemas" else [{**COMPANIES, "schema": name}]
    with pytest.raises(ConfigError, match=rf"citus:{where}.*, which "):
        schemas(**{where: declared})
