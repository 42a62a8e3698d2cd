"""A preview in Markdown: what a reader sees first, and that nothing is left out."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.pure.tools.report.steps import DROP, PERMIT, decoded, step
from tools.report import document
from tools.report.preview import Change, Planned, Preview, read

pytestmark = pytest.mark.pure

RECORDED = Path(__file__).with_name("recorded.json")
LOSING = read("dev", decoded(step("delete", "Schema ads", {"delete_sql": DROP, "endpoint": {}})))
OURS = "urn:pulumi:dev::citus::a:b:C$pulumi-python:dynamic/citus:"
STAYING = Change("delete", f"{OURS}DistributedTable::ads.companies", is_tracked=True)


def test_nothing_to_do_is_one_line() -> None:
    assert document.of(Preview("dev")) == "Preview of stack `dev`: nothing to do.\n"


def test_nothing_to_do_is_one_line_with_its_warnings_too() -> None:
    told = document.of(Preview("dev", warnings=("worker-1 does not answer",)))
    assert told == ("Preview of stack `dev`: nothing to do. Warning: worker-1 does not answer.\n")


def test_a_failure_is_its_sentence_and_nothing_that_may_be_wrong() -> None:
    failed = replace(LOSING, failures=("citus:workers is 0, which is less than 1",))
    assert document.of(failed) == (
        "## Preview of stack `dev`: it fails\n\n- citus:workers is 0, which is less than 1\n"
    )


def test_what_loses_data_comes_first_with_the_line_that_permits_it() -> None:
    told = document.of(replace(LOSING, warnings=("a warning",)))
    assert told.startswith(
        "## Preview of stack `dev`: 1 deleted\n\n"
        "### ⚠ This loses data\n\n"
        "- Schema `ads`: schema ads goes\n\n"
        "`make up` refuses it, unless you permit just this plan:\n\n"
        f"```sh\nbin/pulumi config set allowDataLoss {PERMIT} --stack dev\n```\n\n"
        "### Warnings\n\n- a warning\n"
    )
    assert "-- LOSES DATA: schema ads goes\nDROP SCHEMA ads CASCADE\n" in told


def test_what_is_permitted_already_is_kept_in_the_line() -> None:
    assert f"allowDataLoss p000000000000,{PERMIT} --stack dev" in document.of(
        replace(LOSING, permits=("p000000000000",))
    )


def test_a_loss_that_is_permitted_says_so() -> None:
    told = document.of(replace(LOSING, permits=(PERMIT,)))
    assert "It is permitted by `citus:allowDataLoss`, and `make up` does it." in told
    assert "config set" not in told


def test_what_is_only_no_longer_tracked_is_no_loss() -> None:
    told = document.of(Preview("dev", (STAYING,)))
    assert "distributed table `ads.companies`: no longer tracked; no SQL of its own runs" in told
    assert "No SQL runs." in told
    assert "loses" not in told


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            step("update", "PostgresServer worker-1", {"running": False}, {"running": True}),
            "`worker-1` is started: it is down",
        ),
        (
            step(
                "update",
                "PostgresServer worker-1",
                {"settings": {"max_connections": "100"}},
                {"settings": {"max_connections": "150"}},
            ),
            "`worker-1` is restarted: `settings.max_connections: 100 → 150`",
        ),
        (
            step(
                "update",
                "PostgresServer worker-1",
                {"running": True, "on_change": []},
                {
                    "running": True,
                    "on_change": ["restart: max_connections", "reload: work_mem"],
                },
            ),
            "`worker-1` is restarted: max_connections; reloaded (no session ends): work_mem",
        ),
        (
            step("replace", "docker:index/container:Container coordinator", {"c": 1}, {"c": 2}),
            "`coordinator` is restarted: `c`",
        ),
        (
            step("update", "kubernetes:apps/v1:StatefulSet worker-0", {"spec": 1}, {"spec": 2}),
            "`worker-0` is restarted: `spec`",
        ),
        (
            step("update", "Membership membership", {"workers": {}}, {"workers": {"worker-3": {}}}),
            "`worker-3` joins",
        ),
        (
            step("update", "Membership membership", {"workers": {"worker-3": {}}}, {"workers": {}}),
            "`worker-3` leaves; it is emptied first",
        ),
        (
            step(
                "update",
                "Membership membership",
                {"workers": {"worker-3": {}}},
                {"workers": {}, "lost": ["worker-3"]},
            ),
            "`worker-3` is given up as lost",
        ),
        (
            step(
                "update", "Membership membership", {"workers": {}, "seen": False}, {"workers": {}}
            ),
            "there may be more members than could be seen: `up` looks, before a server goes",
        ),
    ],
)
def test_what_happens_to_a_node_is_told(change: dict[str, object], told: str) -> None:
    assert f"### Nodes\n\n- {told}\n" in document.of(read("dev", decoded(change)))


def test_a_service_that_changes_is_no_node() -> None:
    service = step("update", "ServiceProcess user", {"port": 1}, {"port": 2})
    assert "Nodes" not in document.of(read("dev", decoded(service)))


def test_every_statement_stands_in_the_order_in_which_it_runs() -> None:
    preview = read("dev", json.loads(RECORDED.read_text()))
    told = document.of(preview)
    place = 0
    for statement in [s for change in preview.changes for s in change.statements]:
        place = told.index(f"-- {statement.why}\n{statement.sql}\n", place)
    assert told.startswith("## Preview of stack `dev`: 1 created, 6 updated\n")


def test_backticks_in_sql_end_no_block() -> None:
    change = Change("create", f"{OURS}Migrations::a|b", (Planned("SELECT '```'", "001.sql"),))
    assert "````sql\n-- 001.sql\nSELECT '```'\n````" in document.of(Preview("dev", (change,)))
