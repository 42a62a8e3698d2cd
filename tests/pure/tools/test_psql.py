"""The password of psql travels in a file."""

from __future__ import annotations

import pytest

from tools.cli.failure import ToolError
from tools.stack import psql

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("url", "address", "line"),
    [
        ("postgresql://u:pw@h:1/db", "postgresql://u@h:1/db", "h:1:*:u:pw\n"),
        ("postgresql://u:pw@h/db?a=b", "postgresql://u@h/db?a=b", "h:5432:*:u:pw\n"),
        ("postgresql://u:a%3Ab%5Cc@h:1/db", "postgresql://u@h:1/db", "h:1:*:u:a\\:b\\\\c\n"),
        ("postgresql://u:p%40w@[::1]:1/db", "postgresql://u@[::1]:1/db", "\\:\\:1:1:*:u:p@w\n"),
    ],
    ids=["plain", "no port", "signs that a password file escapes", "an IPv6 address"],
)
def test_a_url_is_parted_from_its_password(url: str, address: str, line: str) -> None:
    assert psql.without_password(url) == (address, line)


@pytest.mark.parametrize(
    ("url", "here"),
    [
        (
            "postgresql://u:p%40w@coordinator:5432/db?sslmode=require",
            "postgresql://u:p%40w@coordinator:40001/db?sslmode=require&hostaddr=127.0.0.1",
        ),
        ("postgresql://u@h/db", "postgresql://u@h:40001/db?hostaddr=127.0.0.1"),
    ],
    ids=["with all it can have", "with the least"],
)
def test_a_server_is_found_at_a_port_of_this_machine_under_its_own_name(
    url: str, here: str
) -> None:
    assert psql.on_this_machine(url, 40001) == here


def test_arguments_are_read_as_a_shell_would() -> None:
    assert psql.split("-c 'select 1' -t") == ["-c", "select 1", "-t"]


def test_arguments_that_no_shell_reads_are_refused() -> None:
    with pytest.raises(ToolError, match="ARGS="):
        psql.split("-c 'select")
