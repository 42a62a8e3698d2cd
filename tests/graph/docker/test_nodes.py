"""The container of a node: what it may do, what it may use, and where its data are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.graph.docker.containers import NODES, SECRETS, WORKERS, environment, inputs

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.graph.program import Graph

pytestmark = pytest.mark.graph

LIMITS = {"memory", "memorySwap", "cpus", "shmSize"}


@pytest.mark.parametrize("name", NODES)
def test_a_node_may_do_what_its_entry_point_does_and_no_more(up: Graph, name: str) -> None:
    assert inputs(up, name)["capabilities"] == {
        "drops": ["ALL"],
        "adds": ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_SETGID", "CAP_SETUID"],
    }
    assert inputs(up, name)["securityOpts"] == ["no-new-privileges:true"]
    assert "privileged" not in inputs(up, name)


@pytest.mark.parametrize("name", NODES)
def test_the_data_are_in_a_volume_of_the_nodes_own(up: Graph, name: str) -> None:
    [mounted] = inputs(up, name)["volumes"]
    volume = up.resources[f"Volume {name}-data"].inputs["name"]
    assert mounted == {"volumeName": volume, "containerPath": "/var/lib/citus"}
    assert environment(up, name)["PGDATA"].startswith(f"{mounted['containerPath']}/")


@pytest.mark.parametrize("name", NODES)
def test_a_node_asks_everybody_for_a_password(up: Graph, name: str) -> None:
    found = environment(up, name)
    assert found["POSTGRES_HOST_AUTH_METHOD"] == "scram-sha-256"
    assert "--auth=scram-sha-256" in found["POSTGRES_INITDB_ARGS"]
    assert "trust" not in str(inputs(up, name))


@pytest.mark.parametrize("name", NODES)
def test_a_node_is_ready_when_it_answers_by_tcp(up: Graph, name: str) -> None:
    tests = inputs(up, name)["healthcheck"]["tests"]
    assert tests[:2] == ["CMD", "pg_isready"]
    assert tests[tests.index("-h") + 1] == "127.0.0.1"


@pytest.mark.parametrize("name", NODES)
def test_a_node_gives_up_to_reach_another_long_before_it_would_be_killed(
    up: Graph, name: str
) -> None:
    """The waits between the tries double from one second on."""
    tries = int(inputs(up, name)["sysctls"]["net.ipv4.tcp_syn_retries"])
    assert 2 ** (tries + 1) - 1 < inputs(up, name)["destroyGraceSeconds"] / 2


def test_settings_are_flags_of_the_server(up: Graph) -> None:
    for name, connections in (("coordinator", 100), ("worker-0", 150)):
        program, *flags = inputs(up, name)["command"]
        assert program == "postgres"
        assert {*flags[::2]} == {"-c"}
        assert f"max_connections={connections}" in flags[1::2]
        assert "password_encryption=scram-sha-256" in flags[1::2]


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({}, {"shmSize": 256}),
        ({"nodeMemory": "1024"}, {"memory": 1024, "memorySwap": 2048, "shmSize": 256}),
        ({"nodeCpus": "1.5"}, {"cpus": "1.5", "shmSize": 256}),
        ({"nodeSharedMemory": "512"}, {"shmSize": 512}),
    ],
    ids=["none", "memory and twice as much with swap", "CPUs", "shared memory"],
)
def test_limits_are_as_declared_on_every_node(
    run: Callable[..., Graph], config: dict[str, str], expected: dict[str, Any]
) -> None:
    graph = run(services="[]", **config)
    for name in NODES:
        given = {k: v for k, v in inputs(graph, name).items() if k in LIMITS and v is not None}
        assert given == expected


def test_the_image_of_every_node_is_as_declared(run: Callable[..., Graph], up: Graph) -> None:
    other = run(services="[]", nodeImage="example.org/citus:12.1")
    assert {inputs(up, name)["image"] for name in NODES} == {"citusdata/citus:13.0.3"}
    assert {inputs(other, name)["image"] for name in NODES} == {"example.org/citus:12.1"}


@pytest.mark.parametrize(("retain", "kept"), [("true", True), ("false", False), (None, False)])
def test_kept_data_are_the_nodes_volumes_and_nothing_else(
    run: Callable[..., Graph], retain: str | None, *, kept: bool
) -> None:
    graph = run(**({"retainData": retain} if retain else {}))
    retained = {key for key, r in graph.resources.items() if r.retained}
    assert retained == ({f"Volume {name}-data" for name in NODES} if kept else set())
    assert {f"Volume {name}" for name in SECRETS} <= {*graph.resources}


def test_a_changed_node_keeps_its_volume(run: Callable[..., Graph], up: Graph) -> None:
    """What makes another container leaves all that its volume is made of as it was."""
    other = run(nodeMemory="1024", nodeImage="example.org/citus:12.1", basePort="21000")
    for name in ["coordinator", *WORKERS]:
        key = f"Volume {name}-data"
        assert other.resources[key].inputs == up.resources[key].inputs
        assert other.resources[key].urn == up.resources[key].urn
