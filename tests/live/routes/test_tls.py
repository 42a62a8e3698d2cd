"""TLS without a CA: the server proves itself by the password it knows."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from pulumi.runtime.sync_await import _sync_await

from citus.database.errors import NotReachable
from citus.database.executor import connect
from citus.endpoint import Endpoint
from citus.platforms.local.server import DATABASE, SUPERUSER, Server
from tests.live import engines
from tests.live.cluster import HOST, free_ports
from tests.live.routes.certificates import Authority
from tests.live.routes.conftest import POD, PORT, through
from tests.live.routes.fake_api import FakeApi

pytestmark = pytest.mark.live

PASSWORD = "the superuser's"
_SSL_REQUEST = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    """Run a server with a certificate that nobody but itself has signed."""
    found = engines.find("citus")
    if found is None:
        pytest.skip(f"{engines.MISSING['citus']}, and the packaged one knows no TLS")
    folder = tmp_path_factory.mktemp("tls")
    port = free_ports(1)[0]
    server = Server(folder, Path(found.bin))
    server.initdb(PASSWORD)
    files = certify(folder, "server")
    settings = {"listen_addresses": HOST, "port": str(port), "unix_socket_directories": ""}
    sealed = {"ssl": "on", "ssl_cert_file": str(files[0]), "ssl_key_file": str(files[1])}
    server.configure({**settings, **sealed, "fsync": "off"}, PASSWORD)
    server.start()
    yield Endpoint(HOST, port, DATABASE, SUPERUSER, PASSWORD, tls=True)
    server.stop()


def certify(folder: Path, name: str) -> tuple[Path, Path]:
    certified = Authority().certify(name)
    files = folder / f"{name}.crt", folder / f"{name}.key"
    for file, text in zip(files, (certified.certificate, certified.key), strict=True):
        file.touch(0o600)
        file.write_bytes(text)
    return files


class ManInTheMiddle:
    """Has a certificate of its own, and passes on what is said inside."""

    def __init__(self, folder: Path, target: int) -> None:
        self._target = target
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(*certify(folder, "thief"))
        self._listener = socket.create_server((HOST, 0))
        self.port = int(self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        with suppress(OSError):
            plain, _ = self._listener.accept()
            assert plain.recv(8) == _SSL_REQUEST
            plain.sendall(b"S")
            onward = socket.create_connection((HOST, self._target))
            onward.sendall(_SSL_REQUEST)
            assert onward.recv(1) == b"S"
            blind = ssl._create_unverified_context()  # noqa: S323
            with (
                self._context.wrap_socket(plain, server_side=True) as client,
                blind.wrap_socket(onward) as server,
            ):
                while True:  # a login is said in turns
                    server.sendall(client.recv(65536))
                    client.sendall(server.recv(65536))


def how(endpoint: Endpoint) -> list[tuple[object, ...]]:
    with connect(endpoint, patience=0) as database:
        return database.rows("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")


def test_a_server_with_a_certificate_of_its_own_is_talked_to(server: Endpoint) -> None:
    assert how(server) == [(True,)]


def test_tls_goes_through_a_port_forward(server: Endpoint, api: FakeApi) -> None:
    api.pods[POD] = {PORT: server.port}
    assert how(replace(through(server), tls=True)) == [(True,)]


def test_a_url_leads_to_it(server: Endpoint) -> None:
    url = _sync_await(server.url.future())
    assert url
    assert url.endswith("?sslmode=require&channel_binding=require")
    with psycopg.connect(url) as session:
        assert session.pgconn.ssl_in_use


def test_a_server_without_tls_gets_no_password(server: Endpoint) -> None:
    with psycopg.connect(_sync_await(server.url.future()) or "", autocommit=True) as session:
        session.execute("ALTER SYSTEM SET ssl = off")
        session.execute("SELECT pg_reload_conf()")
        try:
            with pytest.raises(NotReachable, match="server does not support SSL"):
                how(server)
        finally:
            session.execute("ALTER SYSTEM RESET ssl")
            session.execute("SELECT pg_reload_conf()")


def test_who_stands_between_is_found_out(server: Endpoint, tmp_path: Path) -> None:
    thief = ManInTheMiddle(tmp_path, server.port)
    with pytest.raises(NotReachable, match="channel binding"):
        how(replace(server, port=thief.port))
    thief.close()


def test_authorities_of_the_user_for_other_servers_do_not_matter(
    server: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """libpq takes ~/.postgresql/root.crt, where there is one, for the only ones to trust."""
    (tmp_path / ".postgresql").mkdir()
    (tmp_path / ".postgresql" / "root.crt").write_bytes(Authority().certificate)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert how(server) == [(True,)]
