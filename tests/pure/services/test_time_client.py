from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.middleware.proxy_fix import ProxyFix

from services.time.client import client_address, parse_address

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.168.65.1", "192.168.65.1"),
        (" 192.0.2.1 ", "192.0.2.1"),
        ("192.0.2.1:5060", "192.0.2.1"),
        ("::1", "::1"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("[fe80::1%eth0]:443", "fe80::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::ffff:c000:201", "192.0.2.1"),
        ("[::ffff:192.0.2.1]:443", "192.0.2.1"),
    ],
)
def test_an_address_is_read_as_people_write_it(text: str, address: str) -> None:
    assert str(parse_address(text)) == address


@pytest.mark.parametrize(
    "text", ["", "unknown", "_hidden", "192.0.2", "192.0.2.1.5", "010.0.0.1", "a:1", "[", "%eth0"]
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match="address"):
        parse_address(text)


@given(st.ip_addresses())
def test_each_address_is_read_back(address: object) -> None:
    mapped = getattr(address, "ipv4_mapped", None)
    assert parse_address(str(address)) == (mapped or address)


PEER = "198.51.100.7"


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, None, PEER),
        (0, "192.0.2.1", PEER),  # anybody can say so
        (1, None, PEER),
        (1, "192.0.2.1", "192.0.2.1"),
        (1, "203.0.113.9, 192.0.2.1", "192.0.2.1"),  # the first was the client's own
        (2, "203.0.113.9, 192.0.2.1", "203.0.113.9"),
        (2, "10.0.0.1, 203.0.113.9, 192.0.2.1", "203.0.113.9"),
        (2, "192.0.2.1", PEER),  # fewer than should be: not from these proxies
        (1, "unknown", PEER),
        (1, "::ffff:192.0.2.1", "192.0.2.1"),
        (1, '"[2001:db8::1]:443"', "2001:db8::1"),
    ],
)
def test_only_so_many_proxies_are_believed(
    proxies: int, forwarded: str | None, address: str
) -> None:
    seen: dict[str, Any] = {}
    environ = {"REMOTE_ADDR": PEER}
    if forwarded is not None:
        environ["HTTP_X_FORWARDED_FOR"] = forwarded

    def app(environ: dict[str, Any], _start: object) -> list[bytes]:
        seen.update(environ)
        return []

    list(ProxyFix(app, x_for=proxies, x_proto=0)(environ, lambda *_: None))  # type: ignore[arg-type]
    assert client_address(seen) == ip_address(address)


def test_a_peer_without_an_address_is_an_error() -> None:
    with pytest.raises(ValueError, match="address"):
        client_address({"REMOTE_ADDR": ""})
