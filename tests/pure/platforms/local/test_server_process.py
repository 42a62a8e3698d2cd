"""What is taken for a running server, and what for the pid file of one that is gone."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from citus.platforms.local.server import Server

pytestmark = pytest.mark.pure


@pytest.fixture
def postmaster(made: Server) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process that, as a postmaster does, lives in the data folder."""
    line = [sys.executable, "-c", "input()"]
    env = {"PGPASSFILE": str(made.folder.resolve() / "pgpass")}
    with subprocess.Popen(line, stdin=subprocess.PIPE, cwd=made.data, env=env) as process:
        pid_file(made, f"{process.pid}\n{made.data}\n")
        yield process
        process.kill()


def pid_file(server: Server, text: str) -> None:
    (server.data / "postmaster.pid").write_text(text)


@pytest.mark.parametrize(
    "text",
    ["", "\n", "no number\n", "-5\n", "0\n", "4194305\n"],
    ids=["empty", "line", "text", "single user", "zero", "none of it"],
)
def test_a_pid_file_of_no_process_is_stale(made: Server, text: str) -> None:
    pid_file(made, text)
    assert made.process() is None


def test_no_pid_file_is_no_process(made: Server, server: Server) -> None:
    assert made.process() is None
    assert server.process() is None


def test_a_pid_that_another_process_has_is_stale(made: Server) -> None:
    pid_file(made, f"{os.getpid()}\n{made.data}\n")
    assert made.process() is None


def test_a_process_in_the_data_folder_is_the_server(
    made: Server, postmaster: subprocess.Popen[bytes]
) -> None:
    process = made.process()
    assert process is not None
    assert process.pid == postmaster.pid


def test_a_killed_server_is_stale_at_once(
    made: Server, postmaster: subprocess.Popen[bytes]
) -> None:
    postmaster.kill()
    assert os.waitid(os.P_PID, postmaster.pid, os.WEXITED | os.WNOWAIT)  # a zombie by now
    assert made.process() is None


def test_a_stopped_server_is_not_stopped_again(made: Server) -> None:
    pid_file(made, "4194305\n")
    made.stop()  # there is no pg_ctl to be called


def test_a_server_began_before_its_settings_runs_without_them(
    made: Server, postmaster: subprocess.Popen[bytes]
) -> None:
    conf = made.data / "postgresql.conf"
    assert postmaster.poll() is None
    os.utime(conf, (0, 0))
    assert made.runs_as_configured()
    os.utime(conf, (2**31, 2**31))
    assert not made.runs_as_configured()
