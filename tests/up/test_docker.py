"""The tutorial in containers, and what happens to them; where an engine is at hand."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Iterator

import pytest

from tests.up import docker_engine
from tests.up.docker_engine import docker, inspect
from tests.up.stack import SERVICES, TEN_USERS, Stack

_MISSING = docker_engine.missing()
pytestmark = [
    pytest.mark.up,
    pytest.mark.xdist_group("docker"),
    pytest.mark.skipif(bool(_MISSING), reason=_MISSING),
]

NODES = ("coordinator", "worker-0", "worker-1", "worker-2")  # as they start


@pytest.fixture(scope="module")
def containers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Bring the stack up, with ten users in it."""
    made = Stack(tmp_path_factory.mktemp("docker"), "", platform="docker")
    made.environment["YES"] = "1"  # implied on the platform local alone
    try:
        made.first_up = made.make("up").text
        made.request("POST", "/users", TEN_USERS)
        yield made
    finally:
        made.unset("retainData")
        made.make("down", check=False)
    assert docker_engine.left("citus-dev-") == []


def test_the_tutorial(containers: Stack) -> None:
    assert [u["name"] for u in containers.users()] == [u["name"] for u in TEN_USERS]
    now = containers.request("GET", "/current_time", service="time")["current_time"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", now)
    ping = containers.request("POST", "/ping", {"host": "worker-0"}, service="ping")
    assert "4 packets transmitted, 4" in ping["result"]
    outputs = containers.outputs()
    assert outputs["coordinator"] == "coordinator:5432"
    assert outputs["workers"] == [f"worker-{i}:5432" for i in range(3)]
    assert {*outputs["shards"]} == {*outputs["workers"]}  # each service's table on another one
    assert containers.sql("SELECT result FROM citus_check_cluster_node_health()") == [(True,)] * 16


def test_a_second_up_and_a_preview_have_nothing_to_do(containers: Stack) -> None:
    for target in ("up", "preview"):
        shown = containers.make(target).text
        assert "unchanged" in shown
        assert not any(word in shown for word in (" to create", " to update", " updated"))


def test_no_password_is_where_others_can_read_it(containers: Stack) -> None:
    passwords = (containers.folder / ".local/dev/passwords").iterdir()
    secrets = [file.read_text() for file in passwords]
    assert len(secrets) == 1 + len(SERVICES)
    names = [f"citus-dev-{name}" for name in (*NODES, *SERVICES)]
    texts = [json.dumps(inspect(name)) for name in names]
    texts += [docker("logs", name) + docker("top", name) for name in names]
    texts += [containers.first_up, containers.make("preview").text]
    state = containers.folder / ".pulumi-state"
    texts += [f.read_text(errors="replace") for f in state.rglob("*") if f.is_file()]
    for secret in secrets:
        assert not any(secret in text for text in texts)


@pytest.mark.usefixtures("containers")
def test_only_the_coordinator_and_the_services_have_ports_and_those_on_this_machine_alone() -> None:
    published = {}
    for name in (*NODES, *SERVICES):
        ports = inspect(f"citus-dev-{name}")["NetworkSettings"]["Ports"]
        published[name] = [b for bindings in ports.values() for b in bindings or []]
    assert {name for name, bindings in published.items() if bindings} == {"coordinator", *SERVICES}
    assert {b["HostIp"] for bindings in published.values() for b in bindings} == {"127.0.0.1"}


def test_what_was_changed_by_hand_is_shown_and_mended(containers: Stack) -> None:
    before = containers.users()
    containers.sql("SELECT citus_schema_undistribute('user_service')")
    docker("rm", "-f", "-v", "citus-dev-worker-1")
    docker("stop", "citus-dev-time")
    preview = containers.make("preview").text
    assert "worker-1" in preview
    containers.make("up")
    assert containers.sql("SELECT count(*) FROM pg_dist_schema") == [(3,)]
    assert containers.users() == before
    assert containers.request("GET", "/readyz", service="time")
    assert containers.planned_sql() == []


def test_another_limit_replaces_one_node_after_the_other_and_loses_no_row(
    containers: Stack,
) -> None:
    before = containers.users()
    containers.declare(nodeSharedMemory=128)
    containers.make("up")
    nodes = [inspect(f"citus-dev-{name}") for name in NODES]
    assert {node["HostConfig"]["ShmSize"] for node in nodes} == {128 * 1024 * 1024}
    started = [node["State"]["StartedAt"] for node in nodes]
    assert started == sorted(started)
    assert containers.users() == before


def test_a_fourth_worker_joins(containers: Stack) -> None:
    containers.config("workers", "4")
    [planned] = [sql for sql in containers.planned_sql() if "citus_add_node" in sql]
    assert planned.startswith("SELECT citus_add_node('worker-3', 5432, groupid := 4)")
    containers.make("up")
    assert containers.sql("SELECT count(*) FROM pg_dist_node WHERE isactive") == [(5,)]


def test_what_is_killed_in_mid_up_is_finished_by_the_next(containers: Stack) -> None:
    """Pulumi's provider adopts no container: the begun one is made anew, on its own volume."""
    containers.config("workers", "5")
    run = containers.start("up")
    assert run.stdout is not None
    for line in run.stdout:
        if "Container worker-4 creating" in line:
            break
    else:
        pytest.fail("ended before worker-4")
    for pid in containers.at_work("pulumi up"):
        os.kill(pid, signal.SIGKILL)
    run.stdout.close()
    run.wait(60)
    containers.make("up")
    assert containers.sql("SELECT count(*) FROM pg_dist_node WHERE isactive") == [(6,)]
    assert containers.at_work("pulumi-resource-docker") == []


def test_another_platform_is_refused_while_it_is_up(containers: Stack) -> None:
    containers.declare(platform="local")
    refused = containers.make("preview", check=False)
    containers.declare(platform="docker")
    assert refused.code != 0
    assert (
        "stack dev is up on the platform docker, and its data do not move to local" in refused.text
    )
    assert "Traceback" not in refused.text


def test_without_an_engine_one_sentence_says_so(containers: Stack) -> None:
    containers.environment["DOCKER_HOST"] = "unix:///nowhere.sock"
    try:
        refused = containers.make("preview", check=False)
    finally:
        del containers.environment["DOCKER_HOST"]
    assert refused.code != 0
    assert [e for e in refused.errors if "no Docker engine answers at unix:///nowhere.sock" in e]
    assert "Traceback" not in refused.text


def test_kept_data_and_passwords_fit_the_next_up(containers: Stack) -> None:
    before = containers.users()
    containers.config("retainData", "true")
    containers.make("down")
    assert {*docker_engine.left("citus-dev-")} >= {f"citus-dev-{name}" for name in NODES}
    containers.make("up")
    assert containers.users() == before
