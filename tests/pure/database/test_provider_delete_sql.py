"""What a stack records, and its preview shows, of what a removal would run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from citus.database import permit
from citus.database.distributed_table import DistributedTableProvider
from citus.database.role import RoleProvider
from citus.database.schema import SchemaProvider
from citus.database.tracked import DROP, RETAIN, UNDISTRIBUTE
from tests.pure.database.specs import ENDPOINT, PLANNED_EXAMPLES, role, schema, table

if TYPE_CHECKING:
    from tests.pure.database.fake_server import Server

pytestmark = pytest.mark.pure

DELETE_SQL = "delete_sql"
WITH_POLICIES = [(p, spec) for p, spec in PLANNED_EXAMPLES if hasattr(spec, "on_delete")]
every_kind = pytest.mark.parametrize(("provider", "spec"), PLANNED_EXAMPLES)


def outs(provider: Any, server: Server, spec: Any) -> dict[str, Any]:
    """Give what a run records of an object that is there already."""
    server.has = spec
    recorded: dict[str, Any] = provider.create(checked(provider, spec)).outs
    assert server.ran == []
    return recorded


def checked(provider: Any, spec: Any) -> dict[str, Any]:
    inputs: dict[str, Any] = provider.check({}, provider.encode(spec)).inputs
    return inputs


@pytest.mark.parametrize(
    ("provider", "spec"),
    [
        (SchemaProvider(), schema(on_delete=UNDISTRIBUTE)),
        (SchemaProvider(), schema(on_delete=DROP)),
        (RoleProvider(), replace(role(), on_delete=DROP)),
        (DistributedTableProvider(), table(on_delete=UNDISTRIBUTE)),
        (DistributedTableProvider(), table(on_delete=DROP)),
    ],
)
def test_what_a_removal_would_run_is_in_inputs_and_outputs(
    server: Server, provider: Any, spec: Any
) -> None:
    shown = checked(provider, spec)[DELETE_SQL]
    plan = provider.plan(spec, None)
    assert shown[: len(plan)] == [statement.planned() for statement in plan]
    recorded = outs(provider, server, spec)
    assert recorded[DELETE_SQL] == shown
    read = provider.read("id", recorded)
    assert (read.inputs[DELETE_SQL], read.outs[DELETE_SQL]) == (shown, shown)
    server.answers = False
    read = provider.read("id", recorded)
    assert (read.inputs[DELETE_SQL], read.outs[DELETE_SQL]) == (shown, shown)


@pytest.mark.parametrize(
    ("provider", "spec"),
    [
        *((provider, spec) for provider, spec in PLANNED_EXAMPLES),
        (SchemaProvider(), schema(on_delete=UNDISTRIBUTE, distributed=False)),
    ],
)
def test_where_a_removal_runs_nothing_there_is_nothing_to_show(provider: Any, spec: Any) -> None:
    assert DELETE_SQL not in checked(provider, spec)


@pytest.mark.parametrize(
    ("provider", "spec"),
    [
        (SchemaProvider(), schema(on_delete=DROP)),
        (SchemaProvider(), schema(on_delete=DROP, drop_takes=("view ads.users",))),
        (SchemaProvider(), schema(on_delete=UNDISTRIBUTE, undistribute_loses=("a comment",))),
        (DistributedTableProvider(), table(on_delete=DROP)),
        (DistributedTableProvider(), table(on_delete=UNDISTRIBUTE, foreign_keys=("a key",))),
    ],
)
def test_a_removal_that_destroys_data_asks_for_its_own_permit(provider: Any, spec: Any) -> None:
    statement, request = checked(provider, spec)[DELETE_SQL]
    assert "DESTROYS DATA" in statement
    assert request == permit.request(permit.digest(ENDPOINT, spec.title, [statement]))


@pytest.mark.parametrize(("provider", "spec"), WITH_POLICIES)
@pytest.mark.parametrize("policy", ["keep", "DROP", ""])
def test_an_unknown_policy_is_refused_in_a_sentence(provider: Any, spec: Any, policy: str) -> None:
    (failure,) = provider.check({}, provider.encode(replace(spec, on_delete=policy))).failures
    assert failure.reason == (
        f"{spec.title}: on_delete is {policy}, which is none of: {', '.join(provider.policies)}"
    )
    assert failure.property == ""


@every_kind
def test_a_kind_without_policies_has_no_such_input(provider: Any, spec: Any) -> None:
    assert hasattr(spec, "on_delete") == (provider.policies != (RETAIN,))
