"""A server's folder: what is taken for data, and what its files hold."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from citus.errors import Refused, ServerFailed
from citus.platforms.conf_file import parse, render
from tests.pure.platforms.local.fake_installation import script

if TYPE_CHECKING:
    from citus.platforms.local.server import Server

pytestmark = pytest.mark.pure


def test_initdb_makes_data_of_a_major_version(server: Server) -> None:
    assert server.major is None
    server.initdb("s3cret")
    assert server.major == 18


def test_initdb_keeps_data_that_are_there(made: Server) -> None:
    (made.data / "rows").write_text("mine")
    (made.bin / "initdb").unlink()
    made.initdb("another")
    assert (made.data / "rows").read_text() == "mine"


def test_the_password_goes_by_a_file_that_is_gone_after(made: Server) -> None:
    assert (made.folder / "seen-password").read_text() == "s3cret\n"
    assert not (made.folder / "initdb-password").exists()


def test_what_a_killed_initdb_left_is_no_data(server: Server) -> None:
    draft = server.folder / "data.new"
    draft.mkdir()
    (draft / "PG_VERSION").write_text("15")
    server.initdb("s3cret")
    assert server.major == 18
    assert not draft.exists()


def test_an_empty_data_folder_is_no_data(server: Server) -> None:
    server.data.mkdir()
    assert server.major is None
    server.initdb("s3cret")
    assert server.major == 18


def test_a_failed_initdb_leaves_no_data_and_no_password(server: Server) -> None:
    script(server.bin / "initdb", "echo 'initdb: error: No space left on device'; exit 1")
    with pytest.raises(ServerFailed, match="initdb: the disk is full: make room and run it again"):
        server.initdb("s3cret")
    assert server.major is None
    assert list(server.folder.iterdir()) == []


def test_settings_are_written_only_where_they_differ(made: Server) -> None:
    made.configure({"port": "15433"}, "s3:cr\\et")
    conf = made.data / "postgresql.conf"
    os.utime(conf, (1, 1))
    made.configure({"port": "15433"}, "s3:cr\\et")
    assert (made.settings(), conf.stat().st_mtime) == ({"port": "15433"}, 1)
    made.configure({"port": "15434"}, "s3:cr\\et")
    assert (made.settings(), conf.stat().st_mtime > 1) == ({"port": "15434"}, True)


def test_logins_need_a_password_everywhere(made: Server) -> None:
    made.configure({}, "s3cret")
    rules = (made.data / "pg_hba.conf").read_text().splitlines()[1:]
    assert rules
    assert all(rule.endswith(" scram-sha-256") for rule in rules)


def test_the_way_to_other_nodes_is_private_and_escaped(made: Server) -> None:
    made.configure({}, "s3:cr\\et")
    path = made.folder / "pgpass"
    assert path.read_text() == "*:*:*:postgres:s3\\:cr\\\\et\n"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_start_that_fails_shows_the_last_lines_of_the_log(made: Server) -> None:
    made.log.write_text("what it said before\n")
    script(made.bin / "pg_ctl", f"seq -f 'line %g' 0 49 >> {made.log}; exit 1")
    with pytest.raises(ServerFailed, match="the start of worker-0 failed:\nline 40\n") as raised:
        made.start()
    assert str(raised.value).endswith("line 49")


def test_a_start_that_fails_shows_nothing_of_what_was_logged_before(made: Server) -> None:
    made.log.write_text("what it said before\n")
    script(made.bin / "pg_ctl", f"echo 'the reason' >> {made.log}; exit 1")
    with pytest.raises(ServerFailed, match=r"^the start of worker-0 failed:\nthe reason$"):
        made.start()


def test_a_program_sees_nothing_of_the_callers_environment(
    made: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "s3cret")
    script(made.bin / "pg_ctl", f"env > {made.folder}/seen")
    made.start()
    assert "s3cret" not in (made.folder / "seen").read_text()


def test_a_line_added_by_hand_is_read_too() -> None:
    by_hand = render({"port": "1"}) + "work_mem = '8MB'\n# log_statement = 'all'\n"
    assert parse(by_hand) == {"port": "1", "work_mem": "8MB"}
    assert parse(render({"port": "1"}) + "port = '2'\n") == {"port": "2"}


def test_a_version_file_cut_short_is_damage_and_not_overwritten(server: Server) -> None:
    server.data.mkdir()
    (server.data / "PG_VERSION").write_text("")
    with pytest.raises(Refused, match="holds no data of PostgreSQL: move it out of the way"):
        server.initdb("secret")


def test_a_line_added_by_hand_without_quotes_is_drift_too() -> None:
    assert parse(render({"port": "1"}) + "port = 2\n") == {"port": "2"}
