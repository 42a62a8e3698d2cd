from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citus.cluster import postgresql_conf
from citus.platforms.conf_file import parse, render

pytestmark = pytest.mark.pure

each_node = pytest.mark.parametrize(
    "settings",
    [postgresql_conf.coordinator(), postgresql_conf.worker()],
    ids=["coordinator", "worker"],
)


@each_node
def test_passwords_are_scram(settings: dict[str, str]) -> None:
    assert settings["password_encryption"] == "scram-sha-256"


@each_node
def test_no_log_shows_a_statement_unasked(settings: dict[str, str]) -> None:
    assert settings["log_statement"] in ("none", "ddl")


@each_node
def test_shards_can_move(settings: dict[str, str]) -> None:
    assert settings["wal_level"] == "logical"
    assert settings["wal_retrieve_retry_interval"] == "100ms"


@each_node
def test_each_apply_worker_of_a_move_has_a_process_a_slot_and_a_sender(
    settings: dict[str, str],
) -> None:
    workers = int(settings["max_logical_replication_workers"])
    for needed in ("max_worker_processes", "max_replication_slots", "max_wal_senders"):
        assert int(settings[needed]) > workers
    assert settings["citus.background_task_queue_interval"] == "1s"


@each_node
def test_each_connection_may_commit_in_two_phases(settings: dict[str, str]) -> None:
    assert int(settings["max_prepared_transactions"]) >= int(settings["max_connections"])


@each_node
def test_a_log_tells_plans_from_the_rest_by_application_name(settings: dict[str, str]) -> None:
    assert "%a" in settings["log_line_prefix"]


def test_a_worker_has_room_for_every_client_of_the_coordinator() -> None:
    coordinator, worker = postgresql_conf.coordinator(), postgresql_conf.worker()
    assert int(worker["max_connections"]) > int(coordinator["max_connections"])


def test_two_calls_share_nothing() -> None:
    postgresql_conf.worker()["log_statement"] = "all"
    assert postgresql_conf.worker()["log_statement"] == "none"


@each_node
def test_a_file_holds_them_as_they_are(settings: dict[str, str]) -> None:
    assert parse(render(settings)) == settings


names = st.from_regex(r"[a-z_]+(\.[a-z_]+)?", fullmatch=True)


@given(st.dictionaries(names, st.text("ab 0'=#\"$%,;{}[]\n\t")))
def test_any_settings_are_read_back_from_their_file(settings: dict[str, str]) -> None:
    assert parse(render(settings)) == settings


@given(st.dictionaries(names, st.text("ab '")))
def test_a_file_is_the_same_whatever_the_order(settings: dict[str, str]) -> None:
    assert render(dict(reversed(settings.items()))) == render(settings)
