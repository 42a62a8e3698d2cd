"""The address of the client who asks. Pure: a WSGI environment in, an address out."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

Address = IPv4Address | IPv6Address


def client_address(environ: Mapping[str, Any]) -> Address:
    """Return the address that ``REMOTE_ADDR`` holds.

    Behind trusted proxies that is what the outermost of them wrote, which may be ``unknown`` or
    anything else; then the address of the nearest proxy has to do.

    Raises:
        ValueError: The peer has no address, as one at a Unix socket.
    """
    try:
        return parse_address(environ["REMOTE_ADDR"])
    except ValueError:
        return parse_address(environ.get("werkzeug.proxy_fix.orig", environ)["REMOTE_ADDR"])


def parse_address(text: str) -> Address:
    """Return the address in *text*, of which some proxies add a port and some a zone.

    An IPv4 address that came through an IPv6 socket, ``::ffff:192.0.2.1``, is an IPv4 address.

    Raises:
        ValueError: There is none.
    """
    host = text.strip()
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    # A zone names a network interface here, says nothing elsewhere, and INET can't hold it.
    address = ip_address(host.partition("%")[0])
    return getattr(address, "ipv4_mapped", None) or address
