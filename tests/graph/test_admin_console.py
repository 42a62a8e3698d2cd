"""pgAdmin with the nodes preloaded, where a stack asks for it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from citus.errors import ConfigError
from tests.graph.docker.containers import environment, uploads
from tests.graph.program import FOUND, UNKNOWN, is_secret, without_secrets

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.graph.program import Graph

pytestmark = pytest.mark.graph

CONSOLE = "Container admin"
PASSWORD = FOUND["Password"]["result"]
OWN = "the-users-own-password"


@pytest.fixture(scope="module")
def graph(run_in_containers: Callable[..., Graph]) -> Graph:
    return run_in_containers(adminConsole="true")


def servers(graph: Graph) -> list[dict[str, Any]]:
    file = uploads(graph, "admin")[environment(graph, "admin")["PGADMIN_SERVER_JSON_FILE"]]
    return list(json.loads(file["content"])["Servers"].values())


@pytest.mark.parametrize("platform", ["local", "docker"])
def test_there_is_none_unless_a_stack_asks_for_it(
    up: Graph, run_in_containers: Callable[..., Graph], platform: str
) -> None:
    graph = up if platform == "local" else run_in_containers()
    assert "AdminConsole" not in {key.split()[0] for key in graph.resources}
    assert "adminConsole" not in graph.outputs


def test_it_belongs_to_the_cluster(graph: Graph) -> None:
    assert graph.resources["AdminConsole admin"].type == "citus:cluster:AdminConsole"
    assert graph.key(graph.resources["AdminConsole admin"].parent) == "CitusCluster citus"
    for key in (CONSOLE, "Volume admin-data", "Password pg_admin"):
        assert graph.key(graph.resources[key].parent) == "AdminConsole admin"


@pytest.mark.parametrize("count", [1, 4])
def test_the_coordinator_and_every_worker_are_in_one_group(
    run_in_containers: Callable[..., Graph], count: int
) -> None:
    graph = run_in_containers(adminConsole="true", workers=str(count))
    workers = [f"worker-{index}" for index in range(count)]
    found = [(s["Group"], s["Name"], s["Host"], s["Port"]) for s in servers(graph)]
    assert found == [("citus-dev", name, name, 5432) for name in ["coordinator", *workers]]


def test_the_list_of_servers_is_loaded_each_time_and_has_what_pgadmin_asks_for(
    graph: Graph,
) -> None:
    assert environment(graph, "admin")["PGADMIN_REPLACE_SERVERS_ON_STARTUP"] == "True"
    needed = {"Name", "Group", "Host", "Port", "MaintenanceDB", "Username"}
    assert all(server.keys() >= needed for server in servers(graph))


def test_it_knows_no_password_but_its_own(graph: Graph) -> None:
    inputs = graph.resources[CONSOLE].inputs
    assert {key for key, value in inputs.items() if is_secret(value)} == {"uploads"}
    assert PASSWORD not in json.dumps(without_secrets(inputs))
    with_one = [
        name for name, file in uploads(graph, "admin").items() if PASSWORD in file["content"]
    ]
    assert with_one == [environment(graph, "admin")["PGADMIN_DEFAULT_PASSWORD_FILE"]]
    assert "Password postgres" not in graph.reachable("Volume admin-data")
    assert is_secret(graph.outputs["adminConsole"]["password"])
    assert not any("assword" in key for server in servers(graph) for key in server)


def test_its_password_is_kept_with_the_others_and_may_be_the_users_own(
    run_in_containers: Callable[..., Graph],
) -> None:
    own = {"passwords": json.dumps({"pg_admin": OWN})}
    graph = run_in_containers(adminConsole="true", secrets=own)
    inputs = graph.resources["Password pg_admin"].inputs
    assert inputs["value"]["value"] == OWN
    assert inputs["file"] == ".local/dev/passwords/pg_admin"
    assert inputs["fixed"] is True
    assert inputs["login"] == "admin@example.com"
    assert OWN not in json.dumps([without_secrets(r.inputs) for r in graph.resources.values()])


def test_without_a_console_its_password_is_nobodys(
    run_in_containers: Callable[..., Graph],
) -> None:
    own = {"passwords": json.dumps({"pg_admin": OWN})}
    with pytest.raises(ConfigError, match=r"citus:passwords\.pg_admin is no role of this stack"):
        run_in_containers(secrets=own)


def test_it_is_published_on_this_machine_alone(run_in_containers: Callable[..., Graph]) -> None:
    graph = run_in_containers(
        adminConsole="true",
        adminConsolePort="25050",
        adminConsoleImage="dpage/pgadmin4:9.18",
        adminEmail="me@cluster.local",
    )
    [port] = graph.resources[CONSOLE].inputs["ports"]
    assert (port["ip"], port["external"]) == ("127.0.0.1", 25050)
    assert str(int(port["internal"])) == environment(graph, "admin")["PGADMIN_LISTEN_PORT"]
    assert graph.resources[CONSOLE].inputs["image"] == "dpage/pgadmin4:9.18"
    assert environment(graph, "admin")["PGADMIN_DEFAULT_EMAIL"] == "me@cluster.local"
    assert environment(graph, "admin")["PGADMIN_CONFIG_ALLOW_SPECIAL_EMAIL_DOMAINS"] == "['local']"
    login = {"url": "http://127.0.0.1:25050", "email": "me@cluster.local"}
    assert graph.outputs["adminConsole"].items() >= login.items()


@pytest.mark.parametrize("retain", ["true", "false"])
def test_its_data_are_kept_where_those_of_the_nodes_are(
    run_in_containers: Callable[..., Graph], retain: str
) -> None:
    graph = run_in_containers(adminConsole="true", retainData=retain)
    for volume in ("admin-data", "coordinator-data"):
        assert graph.resources[f"Volume {volume}"].retained is (retain == "true")
    [mounted] = graph.resources[CONSOLE].inputs["volumes"]
    assert mounted == {"volumeName": "citus-dev-admin", "containerPath": "/var/lib/pgadmin"}


def test_it_may_do_little(graph: Graph) -> None:
    inputs = graph.resources[CONSOLE].inputs
    assert inputs["capabilities"] == {"drops": ["ALL"], "adds": ["CAP_NET_BIND_SERVICE"]}
    assert inputs["securityOpts"] == ["no-new-privileges:true"]
    assert not inputs["user"].startswith("0")
    assert "docker.sock" not in json.dumps(inputs)


def test_a_preview_knows_all_but_the_password(run_in_containers: Callable[..., Graph]) -> None:
    graph = run_in_containers(adminConsole="true", preview=True)
    unknown = {
        key
        for key, value in graph.resources[CONSOLE].inputs.items()
        if UNKNOWN in json.dumps(value)
    }
    assert unknown == {"uploads"}
    assert graph.outputs["adminConsole"]["url"] == "http://127.0.0.1:5050"
