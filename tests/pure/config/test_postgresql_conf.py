"""The user's own settings of PostgreSQL: read, or refused in one sentence."""

from __future__ import annotations

from typing import Any

import pytest

from citus.errors import ConfigError
from citus.settings import Settings
from tests.pure.config.config_file import ConfigFile

pytestmark = pytest.mark.pure


def read(conf: Any) -> dict[str, str]:
    settings = Settings.from_config(ConfigFile({"postgresqlConf": conf}), "dev")
    return dict(settings.postgresql_conf)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("32MB", "32MB"), (1.1, "1.1"), (200, "200"), (True, "on"), (False, "off"), ("", "")],
)
def test_a_text_a_number_and_a_switch_are_taken(value: object, expected: str) -> None:
    assert read({"work_mem": value}) == {"work_mem": expected}


def test_a_name_may_be_an_extensions() -> None:
    assert read({"citus.max_shared_pool_size": 50}) == {"citus.max_shared_pool_size": "50"}


@pytest.mark.parametrize(
    ("conf", "says", "mends"),
    [
        (
            "work_mem",
            "postgresqlConf is work_mem, which is no map",
            "set --path postgresqlConf.work_mem 32MB",
        ),
        (
            {"wal_level": "minimal"},
            "can't be set: it must be logical",
            "rm --path postgresqlConf.wal_level",
        ),
        (
            {"port": 5433},
            "can't be set: it is where the node is reached",
            "rm --path postgresqlConf.port",
        ),
        ({"ssl_ca_file": "x"}, "it is what TLS needs", "rm --path postgresqlConf.ssl_ca_file"),
        (
            {"log_statement": "all"},
            "would write passwords",
            "rm --path postgresqlConf.log_statement",
        ),
        ({"include": "more.conf"}, "is no setting", "rm --path postgresqlConf.include"),
        ({"Work_Mem": "1MB"}, "is no name of a setting", "rm --path postgresqlConf.Work_Mem"),
        ({"a b": "1"}, "is no name of a setting", """rm --path 'postgresqlConf["a b"]'"""),
        (
            {"work_mem": ["1MB"]},
            "is a list, which is no text",
            "set --path postgresqlConf.work_mem 32MB",
        ),
        (
            {"work_mem": None},
            "is null, which is no text",
            "set --path postgresqlConf.work_mem 32MB",
        ),
        ({"work_mem": "1\nfsync=off"}, "has a line break", "rm --path postgresqlConf.work_mem"),
        (
            {"max_connections": 5},
            "is 5, which is less than 10",
            "set --path postgresqlConf.max_connections 100",
        ),
        (
            {"max_connections": "many"},
            "no whole number",
            "set --path postgresqlConf.max_connections 100",
        ),
    ],
    ids=lambda value: str(value)[:30] if isinstance(value, dict | str) else None,
)
def test_a_wrong_one_is_refused_and_the_line_mends_it(conf: Any, says: str, mends: str) -> None:
    file = ConfigFile({"postgresqlConf": conf})
    with pytest.raises(ConfigError) as raised:
        Settings.from_config(file, "dev")
    sentence = str(raised.value)
    assert sentence.startswith("Pulumi.dev.yaml: citus:postgresqlConf")
    assert says in sentence
    assert sentence.endswith(f"for instance: bin/pulumi config {mends} --stack dev")
    command = sentence.split("for instance: ")[1]
    assert Settings.from_config(file.after(command), "dev")


@pytest.mark.parametrize(
    "name",
    [
        *("log_min_duration_statement", "log_min_messages", "log_lock_waits", "log_parser_stats"),
        *("debug_print_parse", "auto_explain.log_min_duration", "session_preload_libraries"),
        *("local_preload_libraries", "citus.log_remote_commands"),
    ],
)
def test_what_would_write_statements_into_a_log_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="passwords"):
        read({name: "on"})
