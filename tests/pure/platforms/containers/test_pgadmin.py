"""What pgAdmin is told, whatever runs it."""

from __future__ import annotations

import json

import pytest

from citus.endpoint import Address, Node
from citus.platforms.containers import pgadmin

pytestmark = pytest.mark.pure

NODES = [
    Node("coordinator", 0, Address("coordinator", 5432)),
    Node("worker-0", 1, Address("worker-0", 5433)),
]


def told(email: str) -> dict[str, str]:
    return pgadmin.environment(email, password_file="/run/password", servers_file="/servers.json")


@pytest.mark.parametrize("sslmode", ["prefer", "verify-full"])
def test_every_node_is_a_server_of_one_group_to_be_asked_by_this_mode(sslmode: str) -> None:
    servers = json.loads(pgadmin.servers_json("citus-dev", NODES, sslmode=sslmode))["Servers"]
    found = [(s["Group"], s["Name"], s["Host"], s["Port"]) for s in servers.values()]
    assert found == [
        ("citus-dev", "coordinator", "coordinator", 5432),
        ("citus-dev", "worker-0", "worker-0", 5433),
    ]
    assert [s["ConnectionParameters"] for s in servers.values()] == [{"sslmode": sslmode}] * 2


def test_a_server_has_what_pgadmin_asks_for_and_no_password() -> None:
    servers = json.loads(pgadmin.servers_json("citus-dev", NODES, sslmode="prefer"))["Servers"]
    for server in servers.values():
        needed = {"Name", "Group", "Host", "Port", "MaintenanceDB", "Username"}
        assert server.keys() == {*needed, "ConnectionParameters"}


@pytest.mark.parametrize(
    ("email", "domain"), [("admin@example.com", "com"), ("me@cluster.local", "local")]
)
def test_it_lets_in_whom_config_says_in_a_domain_that_may_be_none(email: str, domain: str) -> None:
    assert told(email)["PGADMIN_DEFAULT_EMAIL"] == email
    assert told(email)["PGADMIN_CONFIG_ALLOW_SPECIAL_EMAIL_DOMAINS"] == f"['{domain}']"


def test_its_password_and_its_servers_are_in_files() -> None:
    assert told("a@b.com")["PGADMIN_DEFAULT_PASSWORD_FILE"] == "/run/password"
    assert told("a@b.com")["PGADMIN_SERVER_JSON_FILE"] == "/servers.json"
    assert "PGADMIN_DEFAULT_PASSWORD" not in told("a@b.com")


def test_it_listens_at_the_port_that_it_is_asked_at() -> None:
    assert told("a@b.com")["PGADMIN_LISTEN_PORT"] == str(pgadmin.PORT)
