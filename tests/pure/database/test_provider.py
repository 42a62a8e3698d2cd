"""What the engine is told before anything runs: check."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from pulumi.output import UNKNOWN

from citus.database.distributed_table import DistributedTableProvider
from citus.database.role import RoleProvider
from tests.pure.database.specs import (
    ADMIN,
    EXAMPLES,
    PLANNED_EXAMPLES,
    PROVIDERS,
    SECRET,
    members,
    role,
    schema,
    table,
    unknown,
    worker,
)

pytestmark = pytest.mark.pure

every_kind = pytest.mark.parametrize(("provider", "spec"), PLANNED_EXAMPLES)


@every_kind
def test_check_adds_the_sql_of_the_plan(provider: Any, spec: Any) -> None:
    news = provider.encode(spec)
    result = provider.check({}, news)
    assert result.failures == []
    plan = provider.plan(None, spec)
    assert result.inputs == {**news, "planned_sql": [s.planned() for s in plan]}
    assert result.inputs["planned_sql"]


@every_kind
def test_check_plans_from_what_is_recorded(provider: Any, spec: Any) -> None:
    recorded = {**provider.encode(spec), "planned_sql": ["old"], "citus_version": "1"}
    assert provider.check(recorded, provider.encode(spec)).inputs["planned_sql"] == []


@every_kind
def test_an_unknown_endpoint_withholds_no_sql(provider: Any, spec: Any) -> None:
    known = provider.check({}, provider.encode(spec)).inputs["planned_sql"]
    for field in ("host", "password"):
        news = unknown(provider.encode(spec), "endpoint", field)
        result = provider.check({}, news)
        assert result.inputs["planned_sql"] == known
        assert result.inputs["endpoint"][field] is UNKNOWN


def test_an_unknown_password_withholds_no_sql() -> None:
    news = RoleProvider().encode(role())
    known = RoleProvider().check({}, news).inputs["planned_sql"]
    assert RoleProvider().check({}, unknown(news, "password")).inputs["planned_sql"] == known


@pytest.mark.parametrize(
    ("index", "path", "line"),
    [
        (1, ("workers", "worker-0", "host"), "citus_add_node(<known after up>, 15433, groupid"),
        (1, ("coordinator", "host"), "citus_set_coordinator_host(<known after up>, 15432)"),
        (3, ("owner",), "AUTHORIZATION <known after up>"),
        (2, ("name",), "CREATE ROLE <known after up>"),
    ],
)
def test_an_unknown_text_shows_where_it_will_stand(
    index: int, path: tuple[str, ...], line: str
) -> None:
    provider, spec = EXAMPLES[index]
    result = provider.check({}, unknown(provider.encode(spec), *path))
    assert result.failures == []
    assert any(line in sql for sql in result.inputs["planned_sql"])


@pytest.mark.parametrize(
    ("index", "path"), [(1, ("workers",)), (2, ("nodes",)), (2, ("connection_limit",))]
)
def test_an_unknown_whole_shows_that_its_plan_is_unknown(index: int, path: tuple[str]) -> None:
    provider, spec = EXAMPLES[index]
    result = provider.check({}, unknown(provider.encode(spec), *path))
    assert (result.failures, result.inputs["planned_sql"]) == ([], ["<known after up>"])


@every_kind
@pytest.mark.parametrize("bad", [None, 1.5, "text", [], {}])
def test_check_answers_bad_inputs_in_a_sentence(provider: Any, spec: Any, bad: Any) -> None:
    for key in provider.encode(spec):
        news = {**provider.encode(spec), key: bad}
        result = provider.check({}, news)
        for failure in result.failures:
            # The engine would print the value of a property that is named.
            assert failure.property == ""
            assert key in failure.reason or spec.title in failure.reason
            assert ADMIN not in failure.reason
        assert result.failures or "planned_sql" in result.inputs


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda p: type(p).__name__)
def test_a_missing_input_is_named(provider: Any) -> None:
    assert [f.reason for f in provider.check({}, {}).failures] == ["endpoint is missing"]


def test_a_refused_plan_is_a_failure_that_names_no_property() -> None:
    provider, old = EXAMPLES[1]
    news = provider.encode(members({"worker-0": replace(worker(0), groupid=9)}))
    result = provider.check(provider.encode(old), news)
    (failure,) = result.failures
    assert failure.property == ""
    assert "a node keeps its group" in failure.reason
    assert "planned_sql" not in result.inputs


@every_kind
def test_check_is_deterministic(provider: Any, spec: Any) -> None:
    once, again = (provider.check({}, provider.encode(spec)).inputs for _ in range(2))
    assert once == again


def test_no_secret_is_planned() -> None:
    planned = RoleProvider().check({}, RoleProvider().encode(role())).inputs["planned_sql"]
    assert SECRET not in str(planned)
    assert "********" in str(planned)


def test_a_plan_that_destroys_data_is_shown_with_its_marker_and_the_line_to_paste() -> None:
    """A check refuses nothing of it: the run does, unless the line was pasted."""
    old, new = table(rewrite_loses=("the comment on table ads.companies",)), table(column="name")
    tables = DistributedTableProvider()
    result = tables.check(tables.encode(old), tables.encode(new))
    assert result.failures == []
    statement, request = result.inputs["planned_sql"]
    assert "-- DESTROYS DATA: rewrites the table, blocking it meanwhile" in statement
    assert re.fullmatch(
        r"-- refused unless permitted: bin/pulumi config set allowDataLoss p[0-9a-f]{12}", request
    )


def test_what_has_its_default_is_left_out_of_a_state() -> None:
    encoded = RoleProvider().encode(replace(role(), password=None))
    assert "password" not in encoded
    assert "route" not in encoded["endpoint"]
    assert schema().endpoint.route == "direct"
