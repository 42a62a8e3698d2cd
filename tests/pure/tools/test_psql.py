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


def test_arguments_are_read_as_a_shell_would() -> None:
    assert psql.split("-c 'select 1' -t") == ["-c", "select 1", "-t"]


def test_arguments_that_no_shell_reads_are_refused() -> None:
    with pytest.raises(ToolError, match="ARGS="):
        psql.split("-c 'select")
