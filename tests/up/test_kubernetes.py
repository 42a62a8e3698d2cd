"""The tutorial in a real Kubernetes cluster, and what happens to it; where one is lent."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

import pytest

from tests.up import kubernetes_cluster
from tests.up.kubernetes_namespace import Namespace, until
from tests.up.stack import SERVICES, TEN_USERS, Stack

_MISSING = kubernetes_cluster.missing()
pytestmark = [
    pytest.mark.up,
    pytest.mark.timeout(1800),  # a cluster that is lent may be slow to pull
    pytest.mark.xdist_group("kubernetes-up"),
    pytest.mark.skipif(bool(_MISSING), reason=_MISSING),
]

NODES = ("coordinator", "worker-0", "worker-1")  # as they start
PODS = {f"{node}-0" for node in NODES}
# Rows of 4 shards on 2 workers; the services' are elsewhere.
TABLE = {
    "schema": "sentry",
    "table": "nodestore_node",
    "distributionColumn": "id",
    "shardCount": 4,
    "colocateWith": "none",
}
ROWS = (
    "INSERT INTO sentry.nodestore_node SELECT i, md5(i::text), now() FROM generate_series(1, {}) i"
)
DIGEST = "SELECT count(*), md5(string_agg(n::text, ',' ORDER BY id)) FROM sentry.nodestore_node n"


@pytest.fixture(scope="module")
def unpullable() -> str:
    return kubernetes_cluster.unpullable()


@pytest.fixture
def services(unpullable: str) -> None:
    """Ask for the services, which a cluster without their images has none of."""
    if unpullable:
        pytest.skip(unpullable)


@pytest.fixture(scope="module")
def lent(
    tmp_path_factory: pytest.TempPathFactory, unpullable: str
) -> Iterator[tuple[Stack, Namespace]]:
    """Bring the stack up, with rows in it."""
    declared = {"workers": 2, "tables": [TABLE], "services": [] if unpullable else [*SERVICES]}
    folder = tmp_path_factory.mktemp("kubernetes")
    with kubernetes_cluster.stack(folder, **declared) as (stack, namespace):
        stack.first_up = stack.make("up").text
        namespace.sql(ROWS.format(1000))
        yield stack, namespace


@pytest.fixture
def stack(lent: tuple[Stack, Namespace]) -> Stack:
    return lent[0]


@pytest.fixture
def namespace(lent: tuple[Stack, Namespace]) -> Namespace:
    return lent[1]


def test_the_first_up_makes_a_cluster_of_nodes_that_hold_the_shards(
    stack: Stack, namespace: Namespace
) -> None:
    outputs = stack.outputs()
    assert outputs["coordinator"] == "coordinator:5432"
    assert outputs["workers"] == ["worker-0:5432", "worker-1:5432"]
    shards = {node: tables["sentry.nodestore_node"] for node, tables in outputs["shards"].items()}
    assert shards == {"worker-0:5432": 2, "worker-1:5432": 2}
    assert outputs["services"].keys() <= {*SERVICES}
    assert outputs["adminUrl"].startswith("postgresql://postgres:")
    assert outputs["citusVersion"] in namespace.sql(
        "SELECT extversion FROM pg_extension WHERE extname = 'citus'"
    )
    assert namespace.pods().keys() == PODS


def test_a_second_up_and_a_preview_have_nothing_to_do(stack: Stack) -> None:
    for target in ("up", "preview"):
        shown = stack.make(target).text
        assert "unchanged" in shown
        assert not any(word in shown for word in (" to create", " to update", " updated"))


def test_every_node_reaches_every_node_and_by_tls_alone(namespace: Namespace) -> None:
    health = namespace.sql("SELECT result FROM citus_check_cluster_node_health()")
    assert health == ["t"] * len(NODES) ** 2
    encrypted = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
    asked = f"SELECT result FROM run_command_on_all_nodes('{encrypted}')"
    assert namespace.sql(asked) == ["t"] * len(NODES)
    plain = "host=coordinator user=postgres sslmode=disable"
    refused = namespace.run("worker-0-0", "psql", plain, "-c", "SELECT 1", check=False)
    assert refused.code != 0
    assert "no encryption" in refused.text


@pytest.mark.usefixtures("services")
def test_the_services_of_the_tutorial_answer_within_the_cluster(namespace: Namespace) -> None:
    namespace.request("POST", "/users", TEN_USERS)
    users = namespace.request("GET", "/users")
    assert [user["name"] for user in users] == [user["name"] for user in TEN_USERS]
    now = namespace.request("GET", "/current_time", service="time")["current_time"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", now)
    ping = namespace.request("POST", "/ping", {"host": "localhost"}, service="ping")
    assert "4 packets transmitted, 4" in ping["result"]


def test_no_password_is_where_others_can_read_it(stack: Stack, namespace: Namespace) -> None:
    secrets = namespace.secrets()
    assert {f"{node}/{file}" for node in NODES for file in ("password", "tls.key")} <= {*secrets}
    texts = [*namespace.texts(), stack.first_up, stack.make("preview").text]
    texts += [stack.pulumi("stack", "export").text, stack.pulumi("stack", "output").text]
    state = stack.folder / ".pulumi-state"
    texts += [f.read_text(errors="replace") for f in state.rglob("*") if f.is_file()]
    for encoded in secrets.values():
        # Of a key its longest line: in JSON its lines are parted otherwise.
        plain = max(base64.b64decode(encoded).decode().splitlines(), key=len)
        assert not any(text in where for text in (encoded, plain) for where in texts)
    assert not any("PRIVATE KEY" in where for where in texts)


def test_another_limit_restarts_one_node_after_the_other_and_loses_no_row(
    stack: Stack, namespace: Namespace
) -> None:
    before, rows = namespace.nodes(), namespace.sql(DIGEST)
    uids = namespace.pods()
    stack.declare(nodeMemory=512)
    stack.make("up")
    ready = [*namespace.ready_since(before)]
    assert {pod for now in ready for pod in PODS - now} == PODS  # each was away
    assert min(len(now) for now in ready) == len(PODS) - 1
    assert not {*uids.values()} & {*namespace.pods().values()}
    limits = [pod.spec.containers[0].resources.limits for pod in namespace.nodes().items]
    assert limits == [{"memory": "512Mi"}] * len(NODES)
    assert namespace.sql(DIGEST) == rows


def test_larger_volumes_grow_under_the_pods_that_use_them(
    stack: Stack, namespace: Namespace
) -> None:
    before = namespace.pods()
    stack.config("nodeStorage", "20")
    stack.make("up")
    grown = dict.fromkeys((f"{node}-data" for node in NODES), "20Gi")
    until(lambda: namespace.claims() == grown, "the claims have grown")
    assert namespace.pods() == before


def test_smaller_volumes_are_refused_in_the_preview(stack: Stack) -> None:
    stack.config("nodeStorage", "10")
    refused = stack.make("preview", check=False)
    stack.config("nodeStorage", "20")
    assert refused.code != 0
    assert "field can not be less than status.capacity" in refused.text
    assert "Traceback" not in refused.text


def test_a_third_worker_joins(stack: Stack, namespace: Namespace) -> None:
    before = namespace.pods()
    stack.config("workers", "3")
    stack.make("up")
    workers = namespace.sql("SELECT * FROM citus_get_active_worker_nodes() ORDER BY 1")
    assert workers == ["worker-0|5432", "worker-1|5432", "worker-2|5432"]
    assert before.items() <= namespace.pods().items()


@pytest.mark.usefixtures("services")
def test_a_scaled_deployment_is_shown_and_mended(stack: Stack, namespace: Namespace) -> None:
    namespace.apps.patch_namespaced_deployment_scale(
        "time", namespace.name, {"spec": {"replicas": 0}}
    )
    assert "replicas: 0 => 2" in stack.make("preview").text
    stack.make("up")
    assert namespace.request("GET", "/readyz", service="time")


def test_nodes_whose_pod_or_statefulset_is_deleted_come_back_with_their_rows(
    stack: Stack, namespace: Namespace
) -> None:
    """A pod is made anew by Kubernetes, a StatefulSet by `up`; each on the claim that it had."""
    rows, pods, volumes = namespace.sql(DIGEST), namespace.pods(), namespace.volumes()
    namespace.core.delete_namespaced_pod("worker-0-0", namespace.name)
    namespace.apps.delete_namespaced_stateful_set("worker-1", namespace.name)
    until(lambda: "worker-1-0" not in namespace.pods(), "the pod is gone")
    preview = stack.make("preview").text
    assert re.search(r"\+ kubernetes:apps/v1:StatefulSet: \(create\)\s.*::worker-1\]", preview)
    assert "1 to create" in preview
    stack.make("up")
    changed = {pod for pod, uid in namespace.pods().items() if pods[pod] != uid}
    assert changed == {"worker-0-0", "worker-1-0"}
    assert namespace.volumes() == volumes
    assert namespace.sql(DIGEST) == rows


def test_psql_reaches_the_coordinator_from_this_machine(stack: Stack) -> None:
    count = "SELECT count(*) AS rows FROM sentry.nodestore_node"
    shown = stack.run("make", "psql", f"ARGS=-XAtc '{count}'").text
    assert shown.splitlines()[-1] == "1000"


def test_status_and_the_report_are_read_through_the_api(stack: Stack) -> None:
    shown = stack.make("status").text
    found = [line.split()[0] for line in shown.splitlines() if line.startswith(("coord", "worker"))]
    assert found == ["coordinator", "worker-0", "worker-1", "worker-2"]
    assert "sentry.nodestore_node" in shown
    report = stack.run("make", "preview-report", "LIVE=1").text
    assert "nothing to do" in report


def test_down_takes_away_all_but_the_volumes(stack: Stack, namespace: Namespace) -> None:
    volumes = namespace.volumes()
    assert len(volumes) == len(NODES) + 1
    stack.make("down")
    assert namespace.left() == []
    until(lambda: {*namespace.volumes().values()} == {"Released"}, "the volumes are released")
    assert namespace.volumes().keys() == volumes.keys()
