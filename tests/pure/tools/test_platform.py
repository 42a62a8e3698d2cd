"""What a stack runs on, and a sentence where that is not there."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from citus.platforms.kubernetes import api
from tests.pure.platforms.docker.fake_engine import FakeEngine
from tools.cli.failure import ToolError
from tools.cli.invocation import Invocation
from tools.cli.platform import Platform, platform_of, workers_of

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("stack", "project", "platform"),
    [
        ({}, {}, None),
        ({"config": None}, {"config": {"platform": {"type": "string"}}}, None),
        ({}, {"config": {"platform": {"default": "local"}}}, "local"),
        ({}, {"config": {"platform": "docker"}}, "docker"),
        ({"config": {"citus:platform": "kubernetes"}}, {"config": {"platform": "local"}},
         "kubernetes"),
    ],
    ids=["nowhere", "no default", "by default", "by shorthand", "the stack's file wins"],
)  # fmt: skip
def test_the_platform_of_a_stack(
    stack: dict[str, Any], project: dict[str, Any], platform: str | None
) -> None:
    assert platform_of(stack, project) == platform


@pytest.mark.parametrize(
    ("stack", "project", "workers"),
    [
        ({}, {}, None),
        ({}, {"config": {"workers": {"default": 3}}}, 3),
        ({"config": {"citus:workers": 2}}, {"config": {"workers": {"default": 3}}}, 2),
        ({"config": {"citus:workers": "0"}}, {}, 0),
        ({"config": {"citus:workers": "many"}}, {}, None),
    ],
    ids=["nowhere", "by default", "the stack's file wins", "a text", "no number"],
)
def test_the_workers_of_a_stack(
    stack: dict[str, Any], project: dict[str, Any], workers: int | None
) -> None:
    assert workers_of(stack, project) == workers


DATA = "urn:pulumi:try::citus::c$docker:index/volume:Volume::worker-0-data"
RECORD = {
    "type": "pulumi-python:dynamic/citus:PlatformRecord",
    "urn": "urn:pulumi:try::citus::p::platform",
    "outputs": {"platform": "docker"},
}
VOLUME = {"type": "docker:index/volume:Volume", "urn": DATA, "id": "citus-try-worker-0"}
UP = {"resources": [RECORD, VOLUME]}


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    """Give an engine on a socket; its volumes are what a test says."""
    return FakeEngine.start(tmp_path / "docker.sock", monkeypatch)


def refusal(
    folder: Path, declared: str | None, deployment: dict[str, Any], command: str = "up"
) -> str:
    with pytest.raises(ToolError) as refused:
        Platform("try", folder, declared, deployment).require(command)
    return str(refused.value)


def test_a_stack_of_containers_needs_an_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere.sock")
    for command in ("up", "destroy"):
        assert refusal(tmp_path, "docker", {}, command) == (
            "Pulumi.try.yaml: citus:platform is docker, but no Docker engine answers at "
            "unix:///nowhere.sock (No such file or directory): "
            "start it, or name another of this machine by DOCKER_HOST"
        )


@pytest.mark.parametrize("platform", ["local", "kubernetes", None])
def test_no_other_does(
    platform: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere.sock")
    Platform("dev", tmp_path, platform, {}).require("up")


@pytest.mark.parametrize("command", ["up", "preview", "refresh", "destroy"])
def test_another_platform_is_refused_whatever_is_done(command: str, tmp_path: Path) -> None:
    """`make down` would not ask on the platform local, and would look for no engine."""
    assert refusal(tmp_path, "local", UP, command) == (
        "stack try is up on the platform docker, and its data do not move to local: "
        "`bin/pulumi config set platform docker --stack try`"
    )


@pytest.mark.parametrize("command", ["up", "preview", "refresh"])
def test_recorded_data_that_the_engine_has_not_are_never_made_anew(
    command: str, tmp_path: Path, engine: FakeEngine
) -> None:
    assert "the engine has no volume citus-try-worker-0" in refusal(tmp_path, "docker", UP, command)
    engine.volumes.add("citus-try-worker-0")
    Platform("try", tmp_path, "docker", UP).require(command)


@pytest.mark.usefixtures("engine")
def test_a_worker_that_is_given_up_needs_no_volume_and_the_others_do(tmp_path: Path) -> None:
    Platform("try", tmp_path, "docker", UP, given_up=["worker-0"]).require("up")
    with pytest.raises(ToolError, match="has no volume citus-try-worker-0"):
        Platform("try", tmp_path, "docker", UP, given_up=["worker-1"]).require("up")


@pytest.mark.usefixtures("engine")
def test_what_is_lost_can_be_taken_down(tmp_path: Path) -> None:
    Platform("try", tmp_path, "docker", UP).require("destroy")


def test_data_that_another_checkout_has_kept_are_not_taken_up(
    tmp_path: Path, engine: FakeEngine
) -> None:
    engine.volumes.add("citus-try-coordinator")
    assert "it was kept by another checkout" in refusal(tmp_path, "docker", {})
    own = tmp_path / ".local/try/passwords/postgres"
    own.parent.mkdir(parents=True)
    own.write_text("kept")
    Platform("try", tmp_path, "docker", {}).require("up")


@pytest.mark.parametrize(
    ("line", "deploys"),
    [
        ("up", True),
        ("--stack docker preview --refresh", True),
        ("pre", True),
        ("down --yes", True),
        ("refresh", True),
        ("up --help", False),
        ("config set platform docker", False),
        ("stack output", False),
        ("", False),
    ],
)
def test_what_talks_to_the_platform(line: str, deploys: bool) -> None:  # noqa: FBT001
    assert Invocation.parse(line.split()).deploys is deploys


CLAIM = {"type": "kubernetes:core/v1:PersistentVolumeClaim", "id": "citus-try/worker-0-data"}
IN_A_CLUSTER = {
    "resources": [
        {**RECORD, "outputs": {"platform": "kubernetes"}},
        {"type": "pulumi-python:dynamic/citus:ClusterRecord", "outputs": {"identity": "a"}},
        CLAIM,
    ]
}


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Give a cluster that a test may change: its identity, and the claims it has."""
    has = {"identity": ["a"], "claims": ["worker-0-data"]}
    monkeypatch.setattr(api, "ask", lambda _stack, _context: has["identity"][0])
    monkeypatch.setattr(api, "claims", lambda *_: has["claims"])
    return has


def test_a_stack_in_its_own_cluster_goes_on(tmp_path: Path, cluster: dict[str, list[str]]) -> None:
    assert cluster["claims"]
    Platform("try", tmp_path, "kubernetes", IN_A_CLUSTER).require("up")


@pytest.mark.parametrize("command", ["up", "preview", "refresh", "destroy"])
def test_another_cluster_is_refused_by_every_command(
    tmp_path: Path, cluster: dict[str, list[str]], command: str
) -> None:
    cluster["identity"] = ["b"]
    assert "is up in another Kubernetes cluster" in refusal(
        tmp_path, "kubernetes", IN_A_CLUSTER, command
    )


def test_a_claim_that_is_gone_is_never_made_anew_unasked(
    tmp_path: Path, cluster: dict[str, list[str]]
) -> None:
    cluster["claims"] = []
    said = refusal(tmp_path, "kubernetes", IN_A_CLUSTER)
    assert "the cluster has no claim worker-0-data, though stack try has recorded data" in said
    Platform("try", tmp_path, "kubernetes", IN_A_CLUSTER).require("destroy")
    Platform("try", tmp_path, "kubernetes", IN_A_CLUSTER, given_up=["worker-0"]).require("up")


@dataclass(frozen=True)
class CutOff:
    """The state after a run that was cut off, with the data of one node."""

    node: str
    members: list[str] | None = None
    deleting: bool = False
    server: str = ""

    def state(self, data: dict[str, Any]) -> dict[str, Any]:
        membership = {
            "type": "pulumi-python:dynamic/citus:Membership",
            "inputs": {"workers": {name: {} for name in self.members or ()}},
        }
        record = {"type": "citus:ClusterRecord", "outputs": {"identity": "a"}}
        server = {"type": self.server, "urn": f"urn:pulumi:try::citus::a$b::{self.node}"}
        optional = {"members": membership, "server": server}
        return {
            "resources": [record, data, *(optional[o] for o in optional if getattr(self, o))],
            "pending_operations": [{"type": "deleting", "resource": data}] if self.deleting else [],
        }


DRAINED = CutOff("worker-3", ["worker-2"])
DRAINED_AND_DELETING = CutOff("worker-3", ["worker-2"], deleting=True)
JOINED_IN_A_POD = CutOff("worker-3", ["worker-2"], server="kubernetes:apps/v1:StatefulSet")
JOINED = CutOff("worker-3", ["worker-2"], server="docker:index/container:Container")
MEMBER = CutOff("worker-3", ["worker-2", "worker-3"])
MEMBER_AND_DELETING = CutOff("worker-3", ["worker-2", "worker-3"], deleting=True)


@pytest.mark.parametrize(
    ("after", "workers", "needed"),
    [
        (DRAINED, 3, False),
        (DRAINED, 4, True),
        (DRAINED, None, True),
        (DRAINED_AND_DELETING, 3, False),
        (DRAINED_AND_DELETING, 4, False),
        (JOINED_IN_A_POD, 3, True),
        (JOINED, 3, True),
        (MEMBER, 3, True),
        (MEMBER, 4, True),
        (MEMBER_AND_DELETING, 3, True),
        (CutOff("worker-3", deleting=True), 3, True),
        (CutOff("coordinator", ["worker-2"], deleting=True), 3, True),
    ],
    ids=[
        "it was drained, and is declared no more",
        "it is to join",
        "it is to join, as far as is known",
        "it was drained, and its data were being deleted",
        "so it was, and is declared again",
        "it may have joined, as its pod is there",
        "it may have joined, as its container is there",
        "it is declared no more, but was not drained",
        "it is a member",
        "it was not drained, and its data were being deleted",
        "a `down` was cut off",
        "the coordinator is no worker",
    ],
)
@pytest.mark.parametrize("platform", ["kubernetes", "docker"])
@pytest.mark.usefixtures("nothing_is_left")
def test_the_data_of_a_worker_that_has_left_are_not_looked_for(
    platform: str, after: CutOff, workers: int | None, *, needed: bool, tmp_path: Path
) -> None:
    claim = {**CLAIM, "id": f"citus-try/{after.node}-data"}
    volume = {**VOLUME, "id": f"citus-try-{after.node}"}
    state = after.state(claim if platform == "kubernetes" else volume)
    stack = Platform("try", tmp_path, platform, state, workers=workers)
    with pytest.raises(ToolError, match=after.node) if needed else nullcontext():
        stack.require("up")


@pytest.fixture
def nothing_is_left(cluster: dict[str, list[str]], engine: FakeEngine) -> None:
    """Give a cluster without claims, and an engine without volumes."""
    cluster["claims"] = []
    engine.volumes.clear()
