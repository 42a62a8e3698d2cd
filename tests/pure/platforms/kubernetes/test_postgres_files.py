"""A node's files: every setting is there once, quoted as PostgreSQL reads it."""

from __future__ import annotations

import pytest

from citus.cluster import postgresql_conf
from citus.platforms.conf_file import parse
from citus.platforms.kubernetes import postgres_files

pytestmark = pytest.mark.pure


@pytest.mark.parametrize("settings", [postgresql_conf.coordinator(), postgresql_conf.worker()])
def test_every_setting_of_the_cluster_is_in_there_but_how_nodes_connect(
    settings: dict[str, str],
) -> None:
    written = parse(postgres_files.plain(settings)["postgresql.conf"])
    del settings["citus.node_conninfo"]
    assert settings.items() <= written.items()
    assert written["citus.node_conninfo"].startswith("sslmode=verify-ca sslrootcert=/")


def test_a_value_is_read_back_as_it_was() -> None:
    odd = {"log_line_prefix": r"it's a \ prefix %m "}
    assert parse(postgres_files.plain(odd)["postgresql.conf"]).items() >= odd.items()


def test_no_connection_without_tls_is_let_in() -> None:
    kinds = [line.split() for line in postgres_files.plain({})["pg_hba.conf"].splitlines()]
    assert [(kind, method) for kind, *_, method in kinds] == [
        ("local", "peer"),
        ("hostssl", "scram-sha-256"),
    ]


def test_none_of_them_holds_a_secret_of_its_own() -> None:
    script = postgres_files.plain({})["pgpass.sh"]
    assert "umask 077" in script
    assert "$POSTGRES_PASSWORD" in script
