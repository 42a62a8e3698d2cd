"""Which host a client may name. Pure: a body in, a host or ``Invalid`` out.

A host is a name or an address and nothing else: no port, no brackets, no interface, no option.
"""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from services.runtime.json_input import Invalid, decode, texts

_LONGEST = 253
# Underscores are in no host name of RFC 1123, but in those of containers: citus_master.
_LABEL = "[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_NAME = re.compile(rf"(?:{_LABEL}\.)*({_LABEL})\.?")
_NUMBER = re.compile("[0-9]+|0[xX][0-9A-Fa-f]*")


def parse_host(body: bytes) -> str:
    """Return the host in *body*, ``{"host": …}``.

    Raises:
        Invalid: For example ``host: missing``.
    """
    [host] = texts(decode(body), ("host",))
    check_host(host)
    return host


def check_host(host: str) -> None:
    """Return if *host* is a name or an address.

    Raises:
        Invalid: It isn't; says why.
    """
    if not host:
        raise Invalid("host: empty")
    if len(host) > _LONGEST:
        raise Invalid(f"host: longer than {_LONGEST} characters")
    if ":" in host:
        _check_ipv6(host)
        return
    name = _NAME.fullmatch(host)
    if not name:
        raise Invalid("host: neither a name (letters, digits, hyphens, dots) nor an address")
    # The C library would read 127.1, 0x7f.1 and 2130706433 as 127.0.0.1.
    if _NUMBER.fullmatch(name[1]):
        _check_ipv4(host)


def _check_ipv6(host: str) -> None:
    # Python takes any text after a percent sign for a zone, the name of an interface of this side.
    try:
        zone = IPv6Address(host).scope_id
    except AddressValueError:
        raise Invalid("host: not an IPv6 address") from None
    if zone is not None:
        raise Invalid("host: an address with a zone means nothing here")


def _check_ipv4(host: str) -> None:
    try:
        IPv4Address(host)
    except AddressValueError:
        raise Invalid("host: not an IPv4 address") from None
