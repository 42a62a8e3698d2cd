"""Why a database could not be reached, in one sentence."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from citus.database.errors import NotReachable
from citus.database.executor import connect
from citus.endpoint import Endpoint
from citus.routes import kubernetes_api
from tests.live.routes.conftest import POD, PORT, WriteKubeconfig
from tests.live.routes.fake_api import HOST, FakeApi

pytestmark = pytest.mark.live

ENDPOINT = Endpoint("coordinator", PORT, "citus", "postgres", "pw", f"kubernetes:{POD}")
NOT_REACHABLE = "coordinator (kubernetes:citus-prod/coordinator-0) is not reachable: "


def why(endpoint: Endpoint = ENDPOINT, *, patience: float = 0) -> str:
    with pytest.raises(NotReachable) as refused, connect(endpoint, patience=patience):
        pass
    sentence = str(refused.value)
    assert sentence.startswith(NOT_REACHABLE)
    assert "\n" not in sentence
    return sentence.removeprefix(NOT_REACHABLE)


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Give a port at which nobody ever answers."""
    with socket.create_server((HOST, 0)) as silent:
        yield silent.getsockname()[1]


@pytest.fixture
def closed_port() -> int:
    with socket.create_server((HOST, 0)) as server:
        return int(server.getsockname()[1])


@pytest.mark.usefixtures("api")
def test_a_pod_that_is_not_there() -> None:
    assert why() == 'pods "coordinator-0" not found'


def test_a_pod_in_which_nothing_listens(api: FakeApi, closed_port: int) -> None:
    api.pods[POD] = {PORT: closed_port}
    assert why() == "connection refused: nothing listens there in the pod"


@pytest.mark.parametrize(
    ("status", "message", "said"),
    [
        (
            403,
            'pods "coordinator-0" is forbidden: ',  # as the API says it where `create` is missing
            (
                'pods "coordinator-0" is forbidden; '
                "a port-forward needs the verbs get and create on pods/portforward"
            ),
        ),
        (401, "Unauthorized", "{api} does not take the kubeconfig's credentials: Unauthorized"),
    ],
)
def test_credentials_that_waiting_does_not_better_are_shown_once(
    api: FakeApi, status: int, message: str, said: str
) -> None:
    api.refuse = (status, message)
    assert why(patience=60) == said.format(api=f"the Kubernetes API {api.url}")
    assert len(api.headers) == 1


def test_an_answer_that_is_none_of_kubernetes(api: FakeApi) -> None:
    api.refuse = (502, "")
    assert why() == f"the Kubernetes API {api.url} answers with 502"


def test_a_cluster_that_is_gone(write_kubeconfig: WriteKubeconfig, closed_port: int) -> None:
    url = f"http://{HOST}:{closed_port}"
    write_kubeconfig({"server": url})
    assert why() == f"the Kubernetes API {url} does not answer: Connection refused"


def test_a_cluster_with_an_unknown_name(write_kubeconfig: WriteKubeconfig) -> None:
    write_kubeconfig({"server": "http://cluster.invalid"})
    assert why().startswith("the Kubernetes API http://cluster.invalid does not answer: ")


def test_a_cluster_that_never_answers(
    write_kubeconfig: WriteKubeconfig, silent_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kubernetes_api, "_LIMIT_SECONDS", 0.5)
    url = f"http://{HOST}:{silent_port}"
    write_kubeconfig({"server": url})
    began = time.monotonic()
    assert why() == f"the Kubernetes API {url} has not answered within 0.5 s"
    assert time.monotonic() - began < 3


def test_a_machine_without_a_kubeconfig(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", "/nowhere")
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    assert why(patience=60) == "there is no kubeconfig /nowhere: name yours by KUBECONFIG"


def test_a_route_that_is_none() -> None:
    with pytest.raises(NotReachable, match=r"'kubernetes:\.\./x' is no route"):
        connect(replace(ENDPOINT, route="kubernetes:../x"), patience=60).__enter__()


def test_a_reason_is_that_of_the_last_attempt(api: FakeApi, closed_port: int) -> None:
    gone = why()
    api.pods[POD] = {PORT: closed_port}
    silent = why()
    api.pods.clear()
    assert why() == gone != silent
