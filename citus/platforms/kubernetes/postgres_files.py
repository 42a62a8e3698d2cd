"""The files of a node's PostgreSQL: what they say, each line with its reason. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from citus.platforms import conf_file
from citus.platforms.containers.postgres_image import WRITE_PGPASS

CONFIGURATION = "/etc/citus"
CONFIG_FILE = f"{CONFIGURATION}/postgresql.conf"
SECRETS = "/run/secrets/citus"
SOCKETS = "/var/run/postgresql"
CERTIFICATE, KEY, AUTHORITY = ("tls.crt", "tls.key", "ca.crt")

_PG_HBA = "pg_hba.conf"
PGPASS_SCRIPT = "pgpass.sh"
# Who is logged in to the container as `postgres` is the superuser; all else is encrypted.
_HBA = "local all all peer\nhostssl all all all scram-sha-256\n"


def plain(settings: Mapping[str, str]) -> dict[str, str]:
    """Give the files of a node that hold no secret, by their names."""
    return {
        "postgresql.conf": _postgresql_conf(settings),
        _PG_HBA: _HBA,
        PGPASS_SCRIPT: WRITE_PGPASS,
    }


def _postgresql_conf(settings: Mapping[str, str]) -> str:
    """Write a node's *settings*, and what the container and TLS need."""
    everything = {
        **settings,
        "shared_preload_libraries": "citus",
        "listen_addresses": "*",
        "unix_socket_directories": SOCKETS,
        "hba_file": f"{CONFIGURATION}/{_PG_HBA}",
        "ssl": "on",
        "ssl_cert_file": f"{SECRETS}/{CERTIFICATE}",
        "ssl_key_file": f"{SECRETS}/{KEY}",
        "ssl_min_protocol_version": "TLSv1.3",
        # A node talks to none that this stack's authority has not signed.
        "citus.node_conninfo": f"sslmode=verify-ca sslrootcert={SECRETS}/{AUTHORITY}",
    }
    return conf_file.lines(everything)
