from __future__ import annotations

import re

import pytest

from services.runtime.request_id import accepted

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    "sent",
    [
        "a",
        "7",
        "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
        "Root=1-67891233-abcdef012345678912345678",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "host/Pk7-1:2_3.4",
        "dGVzdA+/==",
        "a" * 128,
    ],
)
def test_a_sane_id_is_taken(sent: str) -> None:
    assert accepted(sent) == sent


@pytest.mark.parametrize(
    "sent",
    [
        None,
        "",
        " ",
        "a b",
        "a" * 129,
        "a\n",
        "a\r\nSet-Cookie: b",
        "a\0",
        "\x1b[2J",
        'a"b',
        "a,b",
        "<script>",
        "{}",
        "${jndi:ldap}",
        "é",
        "\u0661",
        "a\u2028",
    ],
)
def test_any_other_is_replaced_by_a_new_one(sent: str | None) -> None:
    first, second = accepted(sent), accepted(sent)
    assert re.fullmatch("[0-9a-f]{32}", first)
    assert first != second
