from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citus.cluster import postgresql_conf
from citus.endpoint import Address
from citus.errors import ConfigError
from citus.platforms.conf_file import parse
from citus.platforms.containers import pgpool_conf
from services.runtime.settings import Settings

pytestmark = pytest.mark.pure

COORDINATOR = Address("coordinator", 5432)
CONF = parse(pgpool_conf.pgpool_conf(COORDINATOR, clients=60))
TLS = pgpool_conf.Tls(certificate="/run/tls.crt", key="/run/tls.key", authority="/run/ca.crt")
ENCRYPTED = parse(pgpool_conf.pgpool_conf(COORDINATOR, clients=60, tls=TLS))
ROLES = st.text(st.characters(exclude_characters=":", categories=["L", "N", "P"]), min_size=1)
PASSWORDS = st.from_regex(r"[!#-&(-\[\]-~]+", fullmatch=True)  # what citus:passwords takes


def test_its_one_backend_is_the_coordinator() -> None:
    backends = {name: value for name, value in CONF.items() if name.startswith("backend_")}
    assert backends == {
        "backend_clustering_mode": "streaming_replication",
        "backend_hostname0": "coordinator",
        "backend_port0": "5432",
        "backend_weight0": "1",
        "backend_flag0": "ALWAYS_PRIMARY|DISALLOW_TO_FAILOVER",
    }


def test_reads_are_told_from_writes_by_what_a_function_may_do() -> None:
    assert CONF["load_balance_mode"] == "on"
    assert CONF["write_function_list"] == CONF["read_only_function_list"] == ""


@pytest.mark.parametrize(
    "name", ["failover_on_backend_error", "failover_on_backend_shutdown", "auto_failback"]
)
def test_nothing_takes_the_coordinators_place(name: str) -> None:
    assert CONF[name] == "off"


@pytest.mark.parametrize("check", ["health_check", "sr_check"])
def test_it_logs_in_to_the_coordinator_for_its_clients_alone(check: str) -> None:
    assert CONF[f"{check}_period"] == "0"
    assert f"{check}_user" not in CONF


@pytest.mark.parametrize(("tls", "kind"), [(False, "host"), (True, "hostssl")])
def test_clients_log_in_by_scram_and_the_superuser_does_not(*, tls: bool, kind: str) -> None:
    assert CONF["enable_pool_hba"] == "on"
    assert CONF["allow_clear_text_frontend_auth"] == "off"
    assert [line.split() for line in pgpool_conf.pool_hba_conf(tls=tls).splitlines()] == [
        ["host", "all", "postgres", "all", "reject"],
        [kind, "all", "all", "all", "scram-sha-256"],
    ]


def test_with_tls_it_shows_who_it_is_and_verifies_the_coordinator() -> None:
    assert {name: value for name, value in ENCRYPTED.items() if name.startswith("ssl")} == {
        "ssl": "on",
        "ssl_cert": "/run/tls.crt",
        "ssl_key": "/run/tls.key",
        "ssl_ca_cert": "/run/ca.crt",
    }


def test_without_it_is_the_same_but_for_tls() -> None:
    assert CONF["ssl"] == "off"
    assert CONF.items() - {("ssl", "off")} <= ENCRYPTED.items()


def test_the_file_of_passwords_may_be_elsewhere() -> None:
    assert CONF["pool_passwd"] == "pool_passwd"
    place = "/run/secrets/pool_passwd"
    conf = pgpool_conf.pgpool_conf(COORDINATOR, clients=60, passwords=place)
    assert parse(conf)["pool_passwd"] == place


@pytest.mark.parametrize("own", [{}, {"max_connections": "40"}, {"max_connections": "1000"}])
@pytest.mark.parametrize("poolers", [1, 2, 3])
def test_the_sessions_of_all_poolers_leave_the_coordinator_some_for_others(
    poolers: int, own: dict[str, str]
) -> None:
    most = int(postgresql_conf.coordinator(own=own)["max_connections"])
    clients = pgpool_conf.clients(own, poolers=poolers)
    conf = parse(pgpool_conf.pgpool_conf(COORDINATOR, clients=clients))
    sessions = poolers * int(conf["num_init_children"]) * int(conf["max_pool"])
    assert most / 2 < sessions <= most * 0.7


def test_it_has_room_for_every_connection_of_the_three_services() -> None:
    clients = int(CONF["num_init_children"]) - int(CONF["reserved_connections"])
    assert clients > 3 * 2 * Settings.pool_max_size  # two processes each


@pytest.mark.parametrize("name", ["log_statement", "log_per_node_statement", "log_client_messages"])
def test_no_statement_is_logged(name: str) -> None:
    assert CONF[name] == "off"


@pytest.mark.parametrize(
    "name", ["pid_file_name", "logdir", "socket_dir", "unix_socket_directories", "pcp_socket_dir"]
)
def test_what_it_writes_is_gone_when_the_container_starts_again(name: str) -> None:
    assert CONF[name].startswith(pgpool_conf.RUN_FOLDER)


@given(st.dictionaries(ROLES, PASSWORDS))
def test_a_line_of_pool_passwd_is_read_back_as_the_role_and_its_password(
    passwords: dict[str, str],
) -> None:
    lines = [fields(line) for line in pgpool_conf.pool_passwd(passwords).splitlines()]
    assert {role: text.removeprefix("TEXT") for role, text in lines} == passwords
    assert all(text.startswith("TEXT") for _, text in lines)


def fields(line: str) -> list[str]:
    """Read a line as Pgpool-II does: a colon ends a field, and a backslash lets one be in it."""
    found = re.findall(r"(?:\\.|[^\\:])+", line)
    return [re.sub(r"\\(.)", r"\1", field) for field in found]


def test_a_colon_in_a_password_ends_no_field() -> None:
    assert pgpool_conf.pool_passwd({"ads": "a:b", "a\\b": "c"}) == ("ads:TEXTa\\:b\na\\\\b:TEXTc\n")


@pytest.mark.parametrize("role", ["a:b", "a\nb", "a\tb"])
def test_a_role_that_would_break_pool_passwd_is_refused_in_a_sentence(role: str) -> None:
    with pytest.raises(ConfigError, match="citus:pooler") as refused:
        pgpool_conf.check_roles(["user_service", role])
    assert repr(role) in str(refused.value)
    assert "\n" not in str(refused.value)


@given(st.lists(ROLES))
def test_any_other_role_can_log_in(roles: list[str]) -> None:
    pgpool_conf.check_roles(roles)
