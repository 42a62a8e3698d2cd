"""How a cluster is and where its shards are, by the commands that a user types."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import pytest

from tests.up.stack import Stack

pytestmark = pytest.mark.up


def members(stack: Stack) -> list[str]:
    """Name the nodes: as many workers as other tests have left."""
    return ["coordinator", *(f"worker-{i}" for i in range(len(stack.outputs()["workers"])))]


@pytest.mark.one_engine
def test_status_shows_nodes_schemas_and_tables(stack: Stack) -> None:
    shown = stack.make("status").text
    assert "\x1b" not in shown  # nothing but text where it is piped
    nodes = [line.split() for line in shown.splitlines() if line.startswith(("coord", "worker"))]
    assert [node[0] for node in nodes] == members(stack)
    assert {node[-1] for node in nodes} == {"✓" * len(nodes)}
    for name in ("user_service.users", "ping_service.ping_results", "citus_pulumi.migrations"):
        assert name in shown
    told = json.loads(stack.run("make", "status", "ARGS=--json").text)
    assert told["healthy"] is True
    assert [node["name"] for node in told["cluster"]["nodes"]] == [node[0] for node in nodes]


@pytest.mark.long
@pytest.mark.one_engine
def test_status_tells_of_a_worker_that_is_down_and_ends_so(stack: Stack) -> None:
    stack.kill("worker-1")
    try:
        ran = stack.run(".venv/bin/python", "-m", "tools.status", "dev", check=False)
        drawn = stack.run("make", "map", "ARGS=--text").text
    finally:
        stack.apply()
    assert ran.code == 3, ran.text
    matrix = [
        line.split()[-1]
        for line in ran.text.splitlines()
        if line.startswith(("coordinator ", "worker-")) and line[-1] in "✓✗?"
    ]
    others = "✓✓✗" + "✓" * (len(members(stack)) - 3)
    expected = [others for _ in members(stack)]
    expected[2] = "?" * len(expected)
    assert matrix == expected
    assert "worker-1" in drawn
    assert "does not answer" in drawn


@pytest.mark.one_engine
def test_a_map_is_a_page_or_a_picture(stack: Stack) -> None:
    changed = stack.changed_files()  # by other tests
    assert stack.make("map").text.strip() == "map-dev.html"
    page = (stack.folder / "map-dev.html").read_text()
    assert "user_service.users" in page
    stack.run("make", "map", "ARGS=--output 'map-of dev.svg'")
    root = ET.parse(stack.folder / "map-of dev.svg").getroot()  # noqa: S314 - our own
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert stack.changed_files() == changed


@pytest.mark.one_engine
@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("map --output map.png", "--output map.png: its name has to end in .html or .svg"),
        ("map --output no/where.svg", "No such file or directory: 'no/where.svg'"),
        ("status --nonsense", "unrecognized arguments: --nonsense"),
    ],
)
def test_what_is_asked_wrongly_is_said_in_a_sentence(
    stack: Stack, command: str, sentence: str
) -> None:
    target, _, arguments = command.partition(" ")
    ran = stack.run("make", target, f"ARGS={arguments}", check=False)
    assert ran.code == 2
    assert "Traceback" not in ran.text
    assert sentence in ran.text


@pytest.mark.one_engine
@pytest.mark.parametrize("target", ["status", "map"])
def test_a_stack_that_is_not_up_is_told_in_one_sentence(fresh: Stack, target: str) -> None:
    ran = fresh.make(target, check=False)
    assert ran.errors == ["error: stack dev is not up: `make up STACK=dev` first"]
