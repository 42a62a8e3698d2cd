"""What happens when: the table of the design, line by line."""

from __future__ import annotations

import os
import re
import shutil
import signal
import time

import pytest

from tests.up.stack import Stack

pytestmark = pytest.mark.up


@pytest.mark.long
@pytest.mark.one_engine
@pytest.mark.parametrize("node", ["worker-1", "coordinator"])
def test_a_server_that_was_killed_is_started_with_its_data(stack: Stack, node: str) -> None:
    before = stack.users()
    stack.kill(node)
    preview = stack.make("preview").text
    assert len(re.findall(r"~ running +: false => true", preview)) == 1
    assert preview.count('"start: it is down, or does not run with what its files say"') == 1
    unseen = node == "coordinator"
    assert preview.count("is not reachable") == (1 if unseen else 0)
    # The members are looked at, too, and where the shards are.
    assert f"{3 if unseen else 1} to update" in preview
    stack.apply()
    assert stack.users() == before
    assert stack.planned_sql() == []


@pytest.mark.one_engine
def test_everything_is_down_as_after_a_restart_of_the_machine(stack: Stack) -> None:
    before = stack.users()
    for pid in stack.pids("gunicorn"):
        os.kill(pid, signal.SIGKILL)
    for index in range(len(stack.outputs()["workers"])):
        stack.kill(f"worker-{index}")
    stack.kill("coordinator")
    shown = stack.make("up").text
    warnings = set(re.findall(r"warning: \S+ is not reachable", shown))
    assert len(warnings) == 1  # one for all that lies on the coordinator
    assert stack.users() == before


@pytest.mark.one_engine
def test_a_service_that_was_killed_is_started(stack: Stack) -> None:
    for pid in stack.pids("gunicorn"):
        os.kill(pid, signal.SIGKILL)
    stack.apply()
    assert stack.request("GET", "/readyz")


@pytest.mark.long
@pytest.mark.parametrize(
    ("victim", "moment"),
    [
        ("/pulumi up", "Role user_service creating"),
        ("pulumi.dynamic", "coordinator creating"),
        ("/pulumi up", "coordinator creating"),
        ("pulumi.dynamic", "Role user_service creating"),
    ],
)
def test_what_is_killed_in_mid_up_is_finished_by_the_next(
    fresh: Stack, moment: str, victim: str
) -> None:
    _kill_at(fresh, moment, victim)
    shown = fresh.make("up").text
    assert "Traceback" not in shown
    assert fresh.request("POST", "/users", [{"name": "a", "email": "a@example.com"}])
    assert fresh.planned_sql() == []


@pytest.mark.long
def test_down_after_a_killed_up_leaves_nothing_at_work(fresh: Stack) -> None:
    _kill_at(fresh, "PostgresServer coordinator creating", "/pulumi up")
    fresh.make("down")
    assert fresh.pids("postgres") == []
    assert not (fresh.folder / ".local/dev").exists()


@pytest.mark.long
def test_an_empty_server_is_never_taken_for_one_whose_data_are_gone(fresh: Stack) -> None:
    fresh.make("up")
    shutil.rmtree(fresh.folder / ".local")
    refused = fresh.make("up", check=False)
    assert refused.code != 0
    assert "though the stack has recorded some" in refused.text
    assert "Traceback" not in refused.text
    fresh.make("down")  # what the sentence says
    assert fresh.pids("postgres") == fresh.pids("gunicorn") == []
    fresh.make("up")
    assert fresh.users() == []


def test_kept_data_and_passwords_fit_the_next_up(fresh: Stack) -> None:
    fresh.config("retainData", "true")
    fresh.make("up")
    user = {"name": "kept", "email": "kept@example.com"}
    fresh.request("POST", "/users", [user])
    urls = fresh.outputs()["databaseUrls"]
    fresh.make("down")
    assert fresh.pids("postgres") == []
    fresh.make("up")
    assert [u["name"] for u in fresh.users()] == ["kept"]
    assert fresh.outputs()["databaseUrls"] == urls
    fresh.unset("retainData")
    fresh.make("down")
    assert not (fresh.folder / ".local/dev").exists()


def test_down_leaves_nothing_and_works_twice_with_a_dead_server(fresh: Stack) -> None:
    fresh.make("up")
    fresh.kill("worker-0")
    fresh.make("down")
    assert fresh.pids("") == []
    assert not (fresh.folder / ".local/dev").exists()
    assert fresh.changed_files() == ""
    assert "nothing to take down" in fresh.make("down").text


def _kill_at(stack: Stack, moment: str, victim: str) -> None:
    run = stack.start("up")
    assert run.stdout is not None
    seen = ""
    while moment not in seen.partition("Updating (dev)")[2]:
        line = run.stdout.readline()
        assert line, f"ended before {moment}:\n{seen}"
        seen += line
    pids = stack.at_work(victim)
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    run.stdout.close()
    run.wait(120)
    assert pids, f"no {victim} at {moment}"
    time.sleep(0.1)
