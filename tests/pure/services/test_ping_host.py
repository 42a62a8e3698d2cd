from __future__ import annotations

import json
import re
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ping.host import check_host, parse_host
from services.runtime.json_input import Invalid

pytestmark = pytest.mark.pure

LABEL = "a" * 63


@pytest.mark.parametrize(
    "host",
    [
        "baidu.com",
        "localhost",
        "LOCALHOST",
        "a",
        "a.b.c",
        "example.org.",
        "xn--mnchen-3ya.de",
        "citus_master",
        "_dmarc.example.org",
        "3com.com",
        "1.2.3.4.example.org",
        "0xyz",
        "a--b",
        LABEL,
        ".".join([LABEL, LABEL, LABEL, "a" * 61]),
        "127.0.0.1",
        "255.255.255.255",
        "0.0.0.0",  # noqa: S104  no server listens here
        "::1",
        "::",
        "2001:DB8::1",
        "::ffff:192.0.2.1",
    ],
)
def test_a_name_or_an_address(host: str) -> None:
    assert parse_host(json.dumps({"host": host}).encode()) == host


NOT_A_NAME = "host: neither a name (letters, digits, hyphens, dots) nor an address"


@pytest.mark.parametrize(
    ("host", "sentence"),
    [
        ("", "host: empty"),
        ("a" * 254, "host: longer than 253 characters"),
        ("a" * 64, NOT_A_NAME),
        # options
        ("-f", NOT_A_NAME),
        ("--help", NOT_A_NAME),
        ("-c1000.example.org", NOT_A_NAME),
        ("a.-b", NOT_A_NAME),
        ("a-", NOT_A_NAME),
        ("-", NOT_A_NAME),
        ("--", NOT_A_NAME),
        # shells
        ("a;id", NOT_A_NAME),
        ("a && id", NOT_A_NAME),
        ("$(id)", NOT_A_NAME),
        ("`id`", NOT_A_NAME),
        ("a|id", NOT_A_NAME),
        ("a>b", NOT_A_NAME),
        ("${PATH}", NOT_A_NAME),
        ("~", NOT_A_NAME),
        ("*", NOT_A_NAME),
        ("a'b", NOT_A_NAME),
        # white space, control characters
        (" a", NOT_A_NAME),
        ("a ", NOT_A_NAME),
        ("a b", NOT_A_NAME),
        ("a\n", NOT_A_NAME),
        ("a\r\nb", NOT_A_NAME),
        ("a\0", NOT_A_NAME),
        ("\ta", NOT_A_NAME),
        # dots
        (".", NOT_A_NAME),
        ("..", NOT_A_NAME),
        (".a", NOT_A_NAME),
        ("a..b", NOT_A_NAME),
        ("a.b..", NOT_A_NAME),
        # more than a host
        ("user@host", NOT_A_NAME),
        ("a/b", NOT_A_NAME),
        ("10.0.0.0/8", NOT_A_NAME),
        ("[::1]", "host: not an IPv6 address"),
        ("a:80", "host: not an IPv6 address"),
        ("http://a", "host: not an IPv6 address"),
        ("127.0.0.1:80", "host: not an IPv6 address"),
        # other scripts
        ("münchen.de", NOT_A_NAME),
        ("\u0430pple.com", NOT_A_NAME),  # a Cyrillic letter
        ("\uff11\uff12\uff17.0.0.1", NOT_A_NAME),  # wide digits
        ("\u0661.\u0661.\u0661.\u0661", NOT_A_NAME),  # Arabic digits
        ("a\u3002b", NOT_A_NAME),  # an ideographic full stop
        ("😀", NOT_A_NAME),
        ("\ud800", NOT_A_NAME),
        # what the C library takes for an address, and people don't
        ("1", "host: not an IPv4 address"),
        ("127.1", "host: not an IPv4 address"),
        ("2130706433", "host: not an IPv4 address"),
        ("0x7f000001", "host: not an IPv4 address"),
        ("0x7f.0.0.1", "host: not an IPv4 address"),
        ("0177.0.0.1", "host: not an IPv4 address"),
        ("127.0.0.0x1", "host: not an IPv4 address"),
        ("0x", "host: not an IPv4 address"),
        ("256.0.0.1", "host: not an IPv4 address"),
        ("1.2.3", "host: not an IPv4 address"),
        ("1.2.3.4.5", "host: not an IPv4 address"),
        ("1.2.3.4.", "host: not an IPv4 address"),
        ("example.123", "host: not an IPv4 address"),
        # IPv6
        (":", "host: not an IPv6 address"),
        (":::", "host: not an IPv6 address"),
        ("1::2::3", "host: not an IPv6 address"),
        ("g::", "host: not an IPv6 address"),
        ("::1\n", "host: not an IPv6 address"),
        (" ::1", "host: not an IPv6 address"),
        ("::1/128", "host: not an IPv6 address"),
        ("-::1", "host: not an IPv6 address"),
        ("1:2:3:4:5:6:7:8:9", "host: not an IPv6 address"),
        ("fe80::1%eth0", "host: an address with a zone means nothing here"),
        ("::1%;id", "host: an address with a zone means nothing here"),
        ("::1%$(id)", "host: an address with a zone means nothing here"),
    ],
)
def test_anything_else_is_refused(host: str, sentence: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check_host(host)
    assert str(refusal.value) == sentence


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "body: not JSON"),
        (b"{", "body: not JSON"),
        (b"[" * 100_000, "body: not JSON"),
        (b"[]", "body: expected an object"),
        (b'"localhost"', "body: expected an object"),
        (b"null", "body: expected an object"),
        (b"{}", "host: missing"),
        (b'{"host": null}', "host: expected a string"),
        (b'{"host": ["localhost"]}', "host: expected a string"),
        (b'{"host": 1}', "host: expected a string"),
        (b'{"host": "a", "count": 5}', "count: unknown field"),
        (b'{"host": "a", "%s": 5}' % (b"x" * 1000), f"{'x' * 40}: unknown field"),
    ],
)
def test_a_bad_body_is_refused(body: bytes, sentence: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse_host(body)
    assert str(refusal.value) == sentence


@given(st.text() | st.from_regex(r"[-a-z0-9_.:%]+") | st.ip_addresses().map(str))
def test_what_is_taken_is_plain(host: str) -> None:
    """It can't be an option, has nothing for a shell to read, and fits into its column."""
    try:
        check_host(host)
    except Invalid:
        return
    assert re.fullmatch("[A-Za-z0-9_:][A-Za-z0-9_.:-]{0,254}", host)


@given(st.ip_addresses())
def test_each_address_is_taken_as_python_writes_it(address: object) -> None:
    check_host(str(address))
    assert ip_address(str(address)) == address
