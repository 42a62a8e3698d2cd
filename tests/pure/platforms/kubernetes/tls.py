"""Two ends of a connection in memory, which verify each other by OpenSSL at its strictest."""

from __future__ import annotations

import ssl
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Shown:
    """What one end shows the other."""

    certificate: str
    key: str


def server(shown: Shown, folder: Path, *, trusts: str | None = None) -> ssl.SSLContext:
    """Make a server; where it *trusts* an authority, its clients need a certificate of that."""
    context = _context(ssl.PROTOCOL_TLS_SERVER, shown, folder / "server.pem", trusts)
    context.verify_mode = ssl.CERT_REQUIRED if trusts else ssl.CERT_NONE
    return context


def client(
    folder: Path, *, trusts: str, names: bool = True, shown: Shown | None = None
) -> ssl.SSLContext:
    """Make a client like libpq: ``verify-full``, or ``verify-ca`` that looks at no *names*."""
    context = _context(ssl.PROTOCOL_TLS_CLIENT, shown, folder / "client.pem", trusts)
    context.check_hostname = names
    return context


def connect(server: ssl.SSLContext, client: ssl.SSLContext, host: str) -> None:
    """Shake hands, to and fro until both ends have nothing left to say."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(to_client, to_server, server_hostname=host),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    for end in [*ends, *ends]:
        with suppress(ssl.SSLWantReadError):
            end.do_handshake()
    ends[0].write(b"hello")
    assert ends[1].read() == b"hello"


def _context(
    protocol: ssl._SSLMethod, shown: Shown | None, file: Path, trusts: str | None
) -> ssl.SSLContext:
    context = ssl.SSLContext(protocol)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    if shown:
        file.write_text(shown.certificate + shown.key)
        context.load_cert_chain(file)
    if trusts:
        context.load_verify_locations(cadata=trusts)
    return context
