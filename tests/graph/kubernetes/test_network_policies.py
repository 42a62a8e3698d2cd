"""Who may talk to whom: the policies, read as Kubernetes reads them."""

from __future__ import annotations

import ipaddress
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.graph.kubernetes.objects import objects, pods

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.graph.program import Graph

pytestmark = pytest.mark.graph

NODES = ["coordinator", "worker-0", "worker-1", "worker-2"]
SERVICES = ["user", "time", "ping"]
PORTS = {
    **dict.fromkeys(NODES, 5432),
    **dict.fromkeys(SERVICES, 5000),
    "pooler": 9999,
    "admin": 5050,
}
MEMBERS = {*NODES, *SERVICES, "pooler", "admin"}
ALLOWED = {
    **dict.fromkeys(NODES, MEMBERS),
    **{name: {*MEMBERS, "sentry", "elsewhere"} for name in SERVICES},
    "pooler": {*SERVICES, "admin"},
    "admin": set[str](),
}
NAMESPACES = {name: {"kubernetes.io/metadata.name": name} for name in ("sentry", "elsewhere")}
HERE = {"kubernetes.io/metadata.name": "citus-dev"}
REACHED = {"reachHost": "citus.example.com", "reachFrom": '["203.0.113.0/24", "2001:db8::/32"]'}


def policies(graph: Graph) -> list[dict[str, Any]]:
    return [given["spec"] for key, given in objects(graph).items() if key.startswith("NetworkPol")]


def fits(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    """Tell whether a policy's selector fits; an empty one fits all."""
    assert selector.keys() <= {"matchLabels"}
    wanted: dict[str, str] = selector.get("matchLabels", {})
    return wanted.items() <= labels.items()


def lets_in(peer: dict[str, Any], caller: str, labels: dict[str, dict[str, str]]) -> bool:
    """Tell whether a peer of a rule is a caller: a pod of the stack, or one of elsewhere."""
    if "ipBlock" in peer:
        return False
    if "namespaceSelector" in peer:
        return fits(peer["namespaceSelector"], NAMESPACES.get(caller, HERE))
    return caller in labels and fits(peer["podSelector"], labels[caller])


def callers(graph: Graph, called: str, port: int) -> set[str]:
    """Give who may reach a port of a workload's pods."""
    labels = {name: given["metadata"]["labels"] for name, given in pods(graph).items()}
    about = [p for p in policies(graph) if fits(p["podSelector"], labels[called])]
    assert about, "without a policy everybody may"
    return {
        caller
        for caller in (*labels, *NAMESPACES)
        for policy in about
        for rule in policy.get("ingress", [])
        if port in [p["port"] for p in rule["ports"]]
        and any(lets_in(peer, caller, labels) for peer in rule["from"])
    }


def networks(graph: Graph, called: str) -> set[str]:
    """Give the networks that may reach a workload's pods, by which port."""
    labels = pods(graph)[called]["metadata"]["labels"]
    return {
        f"{peer['ipBlock']['cidr']} {port['port']}"
        for policy in policies(graph)
        if fits(policy["podSelector"], labels)
        for rule in policy.get("ingress", [])
        for peer in rule["from"]
        if "ipBlock" in peer
        for port in rule["ports"]
    }


@pytest.mark.parametrize("called", sorted(PORTS))
def test_a_pod_is_reached_by_who_has_to_and_nobody_else(up: Graph, called: str) -> None:
    assert callers(up, called, PORTS[called]) == ALLOWED[called]


@pytest.mark.parametrize("called", sorted(PORTS))
def test_no_other_port_of_a_pod_is_reached(up: Graph, called: str) -> None:
    for port in {22, 80, 9898, *PORTS.values()} - {PORTS[called]}:
        assert callers(up, called, port) == set()


@pytest.mark.parametrize("called", sorted(PORTS))
def test_the_port_that_is_open_is_one_that_the_pod_has(up: Graph, called: str) -> None:
    [container] = pods(up)[called]["spec"]["containers"]
    assert PORTS[called] in [port["containerPort"] for port in container["ports"]]


def test_a_pod_that_is_none_of_ours_is_closed_too(up: Graph) -> None:
    [closed] = [p for p in policies(up) if p["podSelector"] == {}]
    assert closed.get("ingress", []) == []
    assert closed["policyTypes"] == ["Ingress"]


def test_a_rule_names_its_callers_and_its_ports(up: Graph) -> None:
    """Either left out would be everybody, or every port."""
    for policy in policies(up):
        for rule in policy.get("ingress", []):
            assert rule["from"]
            assert [p["protocol"] for p in rule["ports"]] == ["TCP"]


def test_by_a_port_forward_no_network_is_let_in(up: Graph) -> None:
    assert {called for called in PORTS if networks(up, called)} == set()


@pytest.mark.parametrize(
    "reach", [{"reach": "loadBalancer"}, {"reach": "nodePort", "basePort": "30432"}]
)
def test_where_the_coordinator_is_exposed_its_networks_reach_it_and_no_worker(
    run_in_kubernetes: Callable[..., Graph], reach: dict[str, str]
) -> None:
    graph = run_in_kubernetes(pooler="true", adminConsole="true", **REACHED, **reach)
    wanted = [str(ipaddress.ip_network(cidr)) for cidr in json.loads(REACHED["reachFrom"])]
    assert {called: networks(graph, called) for called in PORTS if networks(graph, called)} == {
        "coordinator": {f"{cidr} 5432" for cidr in wanted}
    }


@pytest.mark.parametrize(
    ("pooler", "reached"), [("true", "pooler"), ("false", "coordinator")], ids=["pooled", "direct"]
)
def test_a_namespace_of_clients_reaches_what_the_services_log_in_to_and_nothing_else(
    run_in_kubernetes: Callable[..., Graph], pooler: str, reached: str
) -> None:
    graph = run_in_kubernetes(pooler=pooler, clientNamespaces='["sentry"]')
    there = [name for name in (*NODES, "pooler") if name in pods(graph)]
    called = {name: callers(graph, name, PORTS[name]) & {*NAMESPACES} for name in there}
    assert called == {name: {"sentry"} if name == reached else set() for name in there}
