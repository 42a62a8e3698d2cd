"""A CLI that dies at work, and a Kubernetes cluster that is not there, or is another one."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]

from tests.up import kubernetes_cluster
from tests.up.kubernetes_namespace import Namespace, until
from tests.up.stack import Ran, Stack

_MISSING = kubernetes_cluster.missing()
pytestmark = [
    pytest.mark.up,
    pytest.mark.timeout(1800),  # a cluster that is lent may be slow to pull
    pytest.mark.xdist_group("kubernetes-up"),
    pytest.mark.skipif(bool(_MISSING), reason=_MISSING),
]

CHANGING = ("preview", "up", "down")
UNREACHABLE = "no API server answers in the current context of your kubeconfig"


@pytest.fixture(scope="module")
def lent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stack, Namespace]]:
    """Declare a small stack, which is not up yet."""
    folder = tmp_path_factory.mktemp("kubernetes")
    with kubernetes_cluster.stack(folder, workers=1, services=[]) as made:
        yield made


@pytest.fixture
def stack(lent: tuple[Stack, Namespace]) -> Stack:
    return lent[0]


@pytest.fixture
def namespace(lent: tuple[Stack, Namespace]) -> Namespace:
    return lent[1]


@pytest.fixture
def unreachable(stack: Stack, tmp_path: Path) -> Iterator[None]:
    """Take the cluster away: nothing listens where the kubeconfig says."""
    named = stack.environment["KUBECONFIG"]
    content = yaml.safe_load(Path(named).read_text())
    for cluster in content["clusters"]:
        cluster["cluster"]["server"] = "https://127.0.0.1:1"
    file = tmp_path / "kubeconfig"
    file.touch(mode=0o600)
    file.write_text(yaml.safe_dump(content))
    stack.environment["KUBECONFIG"] = str(file)
    yield
    stack.environment["KUBECONFIG"] = named


@pytest.fixture
def of_another_cluster(stack: Stack, tmp_path: Path) -> Iterator[None]:
    """Record that the stack is up in a cluster that is not the one that answers."""
    exported = stack.pulumi("stack", "export").text
    whole = json.loads(exported[exported.index("{") :])
    kept, changed = tmp_path / "kept.json", tmp_path / "changed.json"
    kept.write_text(json.dumps(whole))
    [record] = [r for r in whole["deployment"]["resources"] if r["type"].endswith(":ClusterRecord")]
    assert record["outputs"]["identity"]
    record["inputs"]["identity"] = record["outputs"]["identity"] = "of another cluster"
    changed.write_text(json.dumps(whole))
    stack.pulumi("stack", "import", "--file", str(changed))
    yield
    stack.pulumi("stack", "import", "--file", str(kept))


@pytest.mark.usefixtures("unreachable")
def test_a_fresh_stack_is_previewed_without_its_cluster_and_this_is_said(stack: Stack) -> None:
    shown = stack.make("preview").text
    assert f"warning: Pulumi.{stack.name}.yaml: citus:platform is kubernetes, but" in shown
    assert UNREACHABLE in shown
    assert [statement.split(" -- ")[0] for statement in stack.planned_sql()] == [
        "CREATE EXTENSION citus",
        "SELECT citus_set_coordinator_host('coordinator', 5432)",
        "SELECT citus_add_node('worker-0', 5432, groupid := 1)",
        "SELECT replicate_reference_tables()",
    ]


@pytest.mark.usefixtures("unreachable")
def test_a_fresh_stack_does_not_come_up_without_its_cluster(stack: Stack) -> None:
    assert_refused(stack.make("up", check=False), UNREACHABLE)


@pytest.mark.parametrize(
    "begun",
    [
        lambda namespace: namespace.left(),
        lambda namespace: namespace.uid("coordinator"),
        lambda namespace: namespace.uid("worker-0"),
    ],
    ids=["its namespace", "the coordinator", "the worker"],
)
def test_the_first_up_is_killed_once_it_has_begun(
    stack: Stack, namespace: Namespace, begun: Callable[[Namespace], object]
) -> None:
    assert not begun(namespace)
    with stack.start("up") as run:
        try:
            until(lambda: begun(namespace), "it has begun", seconds=600)  # images are pulled
        finally:
            os.killpg(run.pid, signal.SIGKILL)
    assert begun(namespace)


def test_the_next_up_finishes_what_was_begun(stack: Stack, namespace: Namespace) -> None:
    nodes = ("coordinator", "worker-0")
    begun = [namespace.uid(node) for node in nodes]
    assert f"recovered stack {stack.name} from a run that was killed" in stack.make("up").text
    assert [namespace.uid(node) for node in nodes] == begun
    assert namespace.sql("SELECT count(*) FROM pg_dist_node WHERE isactive") == ["2"]
    assert stack.at_work("pulumi-resource-kubernetes") == []


@pytest.mark.usefixtures("unreachable")
@pytest.mark.parametrize("target", CHANGING)
def test_a_stack_without_its_cluster_is_not_taken_for_gone(stack: Stack, target: str) -> None:
    assert_refused(stack.make(target, check=False), UNREACHABLE)


@pytest.mark.usefixtures("of_another_cluster")
@pytest.mark.parametrize("target", CHANGING)
def test_a_stack_is_not_taken_for_gone_where_another_cluster_answers(
    stack: Stack, target: str
) -> None:
    why = f"stack {stack.name} is up in another Kubernetes cluster than the one that answers"
    assert_refused(stack.make(target, check=False), why)


@pytest.mark.parametrize("target", CHANGING)
def test_a_context_that_is_not_there_is_refused(stack: Stack, target: str) -> None:
    stack.declare(kubeContext="nowhere")
    refused = stack.make(target, check=False)
    stack.declare(kubeContext=None)
    assert_refused(refused, "no API server answers in the context nowhere of your kubeconfig")


def test_nothing_of_that_has_changed_anything(stack: Stack) -> None:
    changes = stack.make("preview").text.partition("Resources:")[2]
    assert "unchanged" in changes
    assert " to " not in changes


def assert_refused(ran: Ran, why: str) -> None:
    assert ran.code != 0
    assert [error for error in ran.errors if why in error]
    assert "Traceback" not in ran.text
