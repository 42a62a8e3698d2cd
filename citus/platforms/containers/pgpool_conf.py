"""The files of a Pgpool-II in front of one coordinator: what they say, each with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from citus import max_connections
from citus.endpoint import Address
from citus.errors import ConfigError

PORT = 9999
# The official image has it in a folder of its own, others where programs are.
PATH = "/opt/pgpool-II/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# Emptied whenever the container starts: a pid file that a killed Pgpool-II has left names process
# 1, which the next one is too, so that it would take itself for running already.
RUN_FOLDER = "/tmp"  # noqa: S108 - the container's own
PID_FILE = f"{RUN_FOLDER}/pgpool.pid"
# Of the coordinator's sessions: the rest is for whoever goes straight to it.
_PERCENT = 60


@dataclass(frozen=True)
class Tls:
    """The files by which Pgpool-II shows who it is, and knows the coordinator."""

    certificate: str
    key: str
    authority: str


def pgpool_conf(
    coordinator: Address,
    *,
    clients: int,
    passwords: str = "pool_passwd",
    tls: Tls | None = None,
) -> str:
    """Give pgpool.conf of one that takes so many *clients* at once.

    The file *passwords* is beside this one, or where its path says. With *tls* both sides of
    Pgpool-II are encrypted.
    """
    return _lines(
        {
            **_for_clients(clients, passwords),
            **_tls(tls),
            **_backends(coordinator),
            **_reads_and_writes(),
            **_container(),
        }
    )


def clients(own: Mapping[str, str], *, poolers: int = 1) -> int:
    """Give how many each of so many *poolers* takes at once, by a process for each.

    *own* are the user's own settings of the nodes, of which ``max_connections`` counts.
    """
    return max_connections.of_coordinator(own) * _PERCENT // 100 // poolers


def pool_hba_conf(*, tls: bool = False) -> str:
    """Give pool_hba.conf: whoever is in pool_passwd, by SCRAM, and never the superuser."""
    kind = "hostssl" if tls else "host"
    return f"host all postgres all reject\n{kind} all all all scram-sha-256\n"


def pool_passwd(passwords: Mapping[str, str]) -> str:
    """Give pool_passwd, with the passwords as they are.

    Pgpool-II logs in to the coordinator as its client, which SCRAM lets nobody do who has only a
    verifier. An AES entry would hide nothing: its key would have to lie beside it.
    """
    lines = (f"{_escaped(role)}:TEXT{_escaped(text)}\n" for role, text in passwords.items())
    return "".join(lines)


def check_roles(roles: Iterable[str]) -> None:
    """See that each role can have a line in pool_passwd.

    Raises:
        ConfigError: One has a colon, or what isn't printed, in its name.
    """
    for role in roles:
        if ":" in role or not role.isprintable():
            raise ConfigError(
                f"citus:pooler is true, but the role {role!r} can't log in through Pgpool-II, "
                "whose pool_passwd takes no colon and no control character in a name: "
                "give its schema another name, or set citus:pooler to false"
            )


def _for_clients(most: int, passwords: str) -> dict[str, str]:
    return {
        "listen_addresses": "*",
        "port": str(PORT),
        # A client has one of these to itself while it is connected, and each keeps one session
        # of the coordinator.
        "num_init_children": str(most),
        "max_pool": "1",
        # One client too many is told so at once, as PostgreSQL would, and doesn't hang.
        "reserved_connections": "1",
        "enable_pool_hba": "on",
        "pool_passwd": passwords,
        "allow_clear_text_frontend_auth": "off",
    }


def _tls(tls: Tls | None) -> dict[str, str]:
    if tls is None:
        # Clients are on the network of the stack, or on this machine.
        return {"ssl": "off"}
    return {
        "ssl": "on",
        "ssl_cert": tls.certificate,
        "ssl_key": tls.key,
        # Verifies the coordinator. Clients need no certificate: they have a password.
        "ssl_ca_cert": tls.authority,
    }


def _backends(coordinator: Address) -> dict[str, str]:
    return {
        # Nothing could take the coordinator's place: while it is down its clients get errors, and
        # go on when it is back. So nothing is to be found out by a login of Pgpool-II's own.
        **_backend(0, coordinator, "ALWAYS_PRIMARY|DISALLOW_TO_FAILOVER"),
        "failover_on_backend_error": "off",
        "failover_on_backend_shutdown": "off",
        "auto_failback": "off",
        "health_check_period": "0",
        "sr_check_period": "0",
        "use_watchdog": "off",
    }


def _backend(number: int, address: Address, flags: str) -> dict[str, str]:
    return {
        f"backend_hostname{number}": address.host,
        f"backend_port{number}": str(address.port),
        f"backend_weight{number}": "1",
        f"backend_flag{number}": flags,
    }


def _reads_and_writes() -> dict[str, str]:
    return {
        # The mode that tells reads from writes; `raw` sends all of them to the first backend.
        "backend_clustering_mode": "streaming_replication",
        "load_balance_mode": "on",
        # Citus is called by SELECT, so a function's name says nothing: with both lists empty its
        # volatility decides, and whatever may write goes to the primary.
        "write_function_list": "",
        "read_only_function_list": "",
        # After a write of its own a session reads what it has written.
        "disable_load_balance_on_write": "trans_transaction",
    }


def _container() -> dict[str, str]:
    return {
        "pid_file_name": PID_FILE,
        "logdir": RUN_FOLDER,
        # Renamed in 4.4: Pgpool-II passes over the name that it doesn't know.
        "socket_dir": RUN_FOLDER,
        "unix_socket_directories": RUN_FOLDER,
        "pcp_socket_dir": RUN_FOLDER,
        "pcp_listen_addresses": "",
        # What its processes share of what they know of tables: 135 MB by default.
        "memqcache_total_size": "16MB",
        "memqcache_max_num_cache": "10000",
        "log_destination": "stderr",
        "logging_collector": "off",
        # A statement may hold a secret.
        "log_statement": "off",
        "log_per_node_statement": "off",
        "log_client_messages": "off",
    }


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(":", "\\:")


def _lines(settings: Mapping[str, str]) -> str:
    return "".join(f"{name} = '{value}'\n" for name, value in settings.items())
