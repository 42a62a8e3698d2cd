"""Whatever stands in the config, it is read or refused in one sentence."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from citus.errors import ConfigError
from citus.settings import Settings
from tests.pure.config.config_file import ConfigFile

pytestmark = pytest.mark.pure

ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda under: st.lists(under) | st.dictionaries(st.text(), under),
    max_leaves=8,
)
NAMES = st.sampled_from(["user", "ads", "companies", "ads.companies", "user_service"]) | st.text()
# Nearly right, so that what lies behind the first check is reached.
TABLE = st.fixed_dictionaries(
    {"schema": NAMES, "table": NAMES},
    optional={
        "distributionColumn": NAMES,
        "reference": st.booleans() | ANY,
        "singleShard": st.booleans() | ANY,
        "shardCount": st.integers(0, 64001) | ANY,
        "colocateWith": st.sampled_from(["default", "none"]) | NAMES | ANY,
        "concurrently": st.booleans() | ANY,
        "onDelete": st.sampled_from(["retain", "drop"]) | ANY,
    },
)
SCHEMA = st.none() | st.fixed_dictionaries(
    {},
    optional={
        "distributed": st.booleans() | ANY,
        "how": st.sampled_from(["function", "setting"]) | ANY,
        "node": st.sampled_from(["worker-0", "worker-9"]) | ANY,
        "connectionLimit": st.integers(-2, 100) | ANY,
        "onDelete": st.sampled_from(["retain", "drop"]) | ANY,
    },
)
CONFIG = st.fixed_dictionaries(
    {},
    optional={
        "services": st.lists(NAMES | ANY) | ANY,
        "schemas": st.dictionaries(NAMES, SCHEMA | ANY) | ANY,
        "tables": st.lists(TABLE | ANY) | ANY,
        "baseline": st.dictionaries(NAMES, NAMES) | ANY,
        "passwords": st.dictionaries(NAMES, NAMES) | ANY,
    },
)


@given(CONFIG)
@example({"tables": "[" * 100_000})
@example({"services": "[" * 900 + "]" * 900})
@example({"schemas": {"ads": {"connectionLimit": float("nan")}}})
@example({"schemas": {"\ud800\n": None}})
@example({"tables": [{"schema": "ads", "table": "\n", "reference": True}] * 2})
@example({"tables": [{"schema": "user_service", "table": "\n", "reference": True}]})
@example({"tables": '{"a": ' + "1" * 5000 + "}"})
def test_it_is_read_or_refused_in_one_sentence(config: dict[str, Any]) -> None:
    try:
        settings = Settings.from_config(ConfigFile(config), "dev")
    except ConfigError as error:
        sentence = str(error)
        assert sentence.startswith("Pulumi.dev.yaml: citus:")
        assert sentence.endswith(" --stack dev")
        assert sentence.isprintable()
    else:
        assert_consistent(settings)


@given(st.lists(TABLE, min_size=1))
def test_what_is_read_keeps_citus_rules(declared: list[dict[str, Any]]) -> None:
    try:
        settings = Settings.from_config(ConfigFile({"tables": declared}), "dev")
    except ConfigError:
        return
    assert [(t.schema, t.table) for t in settings.tables] == [
        (entry["schema"], entry["table"]) for entry in declared
    ]
    assert_consistent(settings)


def assert_consistent(settings: Settings) -> None:
    names = [schema.name for schema in settings.schemas]
    assert len(set(names)) == len(names)
    distributed = {schema.name for schema in settings.schemas if schema.distributed}
    assert {table.schema for table in settings.tables} <= set(names) - distributed
    assert settings.passwords.keys() <= {"postgres", *names}
    seen: list[object] = ["default", "none"]
    for table in settings.tables:
        assert table.colocate_with in seen
        assert table.name not in seen
        seen.append(table.name)
