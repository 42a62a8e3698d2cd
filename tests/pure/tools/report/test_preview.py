"""What is read from the JSON of a preview."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from citus.database.statement import Identifier, Password, Statement
from tests.pure.tools.report.steps import DROP, PERMIT, decoded, step, urn
from tools.report.preview import Planned, Preview, read

pytestmark = pytest.mark.pure

RECORDED = Path(__file__).with_name("recorded.json")
ENDPOINT = {"host": "127.0.0.1", "password": "[secret]"}


def only(*steps: dict[str, Any]) -> Preview:
    return read("dev", decoded(*steps))


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (Statement("SELECT 1", why="one"), Planned("SELECT 1", "one")),
        (Statement("SELECT ' -- '", why="dashes"), Planned("SELECT ' -- '", "dashes")),
        (Statement("SELECT 1"), Planned("SELECT 1", "")),
        (Statement("SELECT 1,\n  2", why="two"), Planned("SELECT 1,\n  2", "two")),
        (Statement("", why="a remark"), Planned("", "a remark")),
        (
            Statement("DROP TABLE {t}", {"t": Identifier("a b")}, "gone", destroys_data=True),
            Planned('DROP TABLE "a b"', "gone", destroys_data=True),
        ),
        (
            Statement("ALTER ROLE r PASSWORD {p}", {"p": Password("s3cret")}, "its password"),
            Planned("ALTER ROLE r PASSWORD '********'", "its password"),
        ),
    ],
)
def test_a_statement_is_read_as_the_program_shows_it(
    statement: Statement, expected: Planned
) -> None:
    preview = only(step("create", "Schema ads", after={"planned_sql": [statement.planned()]}))
    assert preview.changes[0].statements == (expected,)


@pytest.mark.parametrize("op", ["same", "refresh", "read", "create-replacement", "delete-replaced"])
def test_what_changes_nothing_by_itself_is_no_change(op: str) -> None:
    assert only(step(op, "Schema ads", {}, {})).changes == ()


def test_a_component_is_no_change() -> None:
    component = step("create", "citus:database:OwnedSchema ads", after={}, custom=False)
    assert only(component).changes == ()


def test_a_removal_shows_the_sql_that_is_recorded_and_its_permit() -> None:
    change = only(step("delete", "Schema ads", {"delete_sql": DROP})).changes[0]
    assert change.statements == (
        Planned("DROP SCHEMA ads CASCADE", "schema ads goes", destroys_data=True),
    )
    assert change.permit == PERMIT


def test_what_goes_with_its_server_runs_no_sql() -> None:
    server = "pulumi-python:dynamic/citus:PostgresServer"
    preview = only(
        step(
            *("delete", "Schema ads", {"delete_sql": DROP, "endpoint": ENDPOINT}),
            deletedWith=urn(server, "coordinator"),
        ),
        step("delete", "PostgresServer coordinator", {}),
    )
    assert preview.changes[0].statements == ()
    assert preview.changes[0].permit == ""
    assert not preview.changes[0].is_tracked


@pytest.mark.parametrize(
    ("message", "severity", "warnings", "failures"),
    [
        ("warning: worker-1 does not answer\n\n", "info", ("worker-1 does not answer",), ()),
        ("shards moved: 1 of 2\n", "info", (), ()),
        ("deprecated", "warning", ("deprecated",), ()),
        ("error: citus:workers is 0\n", "error", (), ("citus:workers is 0",)),
        ("\x1b[31merror: no\x1b[0m", "error", (), ("no",)),
        (
            "error: pulumi-python:dynamic/citus:Migrations resource 'ads' has a problem: edited",
            "error",
            (),
            ("Migrations ads: edited",),
        ),
    ],
)
def test_what_was_said_is_a_warning_a_failure_or_neither(
    message: str, severity: str, warnings: tuple[str, ...], failures: tuple[str, ...]
) -> None:
    said = {"message": message, "severity": severity}
    preview = read("dev", decoded(diagnostics=[said, said]))
    assert (preview.warnings, preview.failures) == (warnings, failures)


def test_a_permit_that_nothing_asks_for_is_a_warning() -> None:
    config = {"citus:allowDataLoss": f"{PERMIT},pffffffffffff"}
    losing = step("delete", "Schema ads", {"delete_sql": DROP})
    preview = read("dev", decoded(losing, config=config))
    assert preview.permits == (PERMIT, "pffffffffffff")
    assert preview.warnings == ("pffffffffffff in citus:allowDataLoss permits nothing of this run",)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"shard_count": 8}, {"shard_count": 16}, ("shard_count: 8 → 16",)),
        ({"on": False}, {"on": True}, ("on: false → true",)),
        ({}, {"node": "worker-1"}, ("node: + worker-1",)),
        ({"node": "worker-1"}, {}, ("node: - worker-1",)),
        ({"nodes": ["a", "b"]}, {"nodes": ["b", "c"]}, ("nodes: + c", "nodes: - a")),
        ({"workers": {"w": {"port": 1}}}, {"workers": {}}, ("workers: - w",)),
        (
            {"workers": {"w": {"port": 1}}},
            {"workers": {"w": {"port": 2}}},
            ("workers.w.port: 1 → 2",),
        ),
        ({"settings": {}}, {"settings": {"work_mem": "4MB"}}, ("settings: + work_mem = 4MB",)),
        (
            {"password": "[secret]"},
            {"password": "04da6b54-80e4-46f7-96ec-b56ff0331ba9"},
            ("password: a secret → known after up",),
        ),
        ({"planned_sql": []}, {"planned_sql": ["SELECT 1"], "__provider": "x"}, ()),
    ],
)
def test_an_update_tells_what_is_different(
    before: dict[str, Any], after: dict[str, Any], expected: tuple[str, ...]
) -> None:
    before, after = {"name": "n", **before}, {"name": "n", **after}
    assert only(step("update", "Schema ads", before, after)).changes[0].differences == expected


def test_of_anothers_resource_the_names_alone_are_told() -> None:
    change = step("update", "kubernetes:core/v1:ConfigMap c", {"data": "old"}, {"data": "new"})
    assert only(change).changes[0].differences == ("data",)


def test_what_the_real_cli_printed_for_a_fourth_worker_is_read_in_order() -> None:
    preview = read("dev", json.loads(RECORDED.read_text()))
    assert [(c.operation, c.kind, c.name) for c in preview.changes] == [
        ("create", "PostgresServer", "worker-3"),
        ("update", "Membership", "membership"),
        ("update", "Role", "user_service"),
        ("update", "Role", "ping_service"),
        ("update", "Role", "time_service"),
        ("update", "Rebalance", "rebalance"),
        ("update", "Placements", "placements"),
    ]
    assert preview.changes[1].statements == (
        Planned(
            "SELECT citus_add_node('127.0.0.1', 20004, groupid := 4)", "worker-3 joins the cluster"
        ),
        Planned("SELECT replicate_reference_tables()", "reference tables are on every node"),
    )
    assert preview.changes[1].differences == ("workers: + worker-3",)
    assert preview.changes[0].is_node
