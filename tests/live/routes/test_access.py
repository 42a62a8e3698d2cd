"""What this machine's kubeconfig shows to an API, and what of it is left behind."""

from __future__ import annotations

import base64
import socket
import ssl
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from citus.routes.ways import WAYS
from tests.live.routes.certificates import Authority
from tests.live.routes.conftest import POD, PORT, WriteKubeconfig
from tests.live.routes.fake_api import HOST, FakeApi

pytestmark = pytest.mark.live

SERVER_NAME = "kubernetes.default"


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def sealed_api(authority: Authority, tmp_path: Path) -> Iterator[FakeApi]:
    """Run an API that asks for a client's certificate, and a greeting in a pod behind it."""
    server = authority.certify(SERVER_NAME)
    file = tmp_path / "server.pem"
    file.write_bytes(server.certificate + server.key)
    context = ssl.create_default_context(
        ssl.Purpose.CLIENT_AUTH, cadata=authority.certificate.decode()
    )
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(file)
    api = FakeApi(context)
    yield api
    api.stop()


def base64_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


def why_closed() -> str:
    """Connect, and give why that was in vain."""
    forward = WAYS.forward(f"kubernetes:{POD}", PORT)
    with socket.create_connection((HOST, forward.port), timeout=20) as client:
        assert client.recv(1) == b""
    return str(forward.failure(since=0))


def test_a_certificate_is_shown_and_left_in_no_file(
    sealed_api: FakeApi,
    authority: Authority,
    write_kubeconfig: WriteKubeconfig,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    client = authority.certify("a-person")
    write_kubeconfig(
        {
            "server": sealed_api.url,
            "certificate-authority-data": base64_of(authority.certificate),
            "tls-server-name": SERVER_NAME,
        },
        {
            "client-certificate-data": base64_of(client.certificate),
            "client-key-data": base64_of(client.key),
        },
    )
    for _ in range(2):
        assert why_closed() == 'pods "coordinator-0" not found'
        WAYS.close()
    assert list(folder.iterdir()) == []


def test_an_api_of_another_authority_is_not_talked_to(
    sealed_api: FakeApi, write_kubeconfig: WriteKubeconfig
) -> None:
    other = base64_of(Authority().certificate)
    write_kubeconfig({"server": sealed_api.url, "certificate-authority-data": other})
    assert "certificate verify failed" in why_closed()
    assert sealed_api.headers == []


def test_a_program_that_gives_a_token_is_asked(
    api: FakeApi, write_kubeconfig: WriteKubeconfig, tmp_path: Path
) -> None:
    """As clusters of the large clouds have it."""
    version = "client.authentication.k8s.io/v1"
    program = tmp_path / "credentials.py"
    program.write_text(
        f"""print('{{"apiVersion": "{version}", "kind": "ExecCredential","""
        """ "status": {"token": "fresh"}}')"""
    )
    run = {"apiVersion": version, "command": sys.executable, "args": [str(program)]}
    write_kubeconfig({"server": api.url}, {"exec": run})
    assert why_closed() == 'pods "coordinator-0" not found'
    assert api.headers[0]["authorization"] == "Bearer fresh"


def test_a_proxy_of_the_kubeconfig_is_gone_through(
    api: FakeApi, write_kubeconfig: WriteKubeconfig
) -> None:
    """Here it is the API itself that is asked, for a cluster of another name."""
    write_kubeconfig({"server": "http://far.invalid", "proxy-url": api.url})
    assert why_closed() == 'pods "coordinator-0" not found'
    assert api.headers[0]["host"] == "far.invalid"
