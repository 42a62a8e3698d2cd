"""What OpenSSL, and so PostgreSQL and libpq, accepts; what is no key and no certificate."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509 as reader
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from citus.errors import Refused
from citus.platforms.kubernetes import x509
from tests.pure.platforms.kubernetes import tls
from tests.pure.platforms.kubernetes.tls import Shown

pytestmark = pytest.mark.pure

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
NAMES = ("worker-0", "worker-0.citus.svc", "*.pods.citus.svc", "127.0.0.1", "::1")
PERIOD = x509.Period.of_days(365, NOW)
AUTHORITY = x509.Issuer("citus", x509.new_key())
CA = x509.sign_authority("citus", key=AUTHORITY.key, period=PERIOD)
STRANGER = x509.Issuer("citus", x509.new_key())
NAMESAKE = x509.Issuer("other", AUTHORITY.key)
LAST_YEAR, NEXT_YEAR = (x509.Period.of_days(200, NOW + days * DAY) for days in (-300, 300))


def shown(
    common_name: str = "worker-0",
    names: tuple[str, ...] = NAMES,
    *,
    issuer: x509.Issuer = AUTHORITY,
    period: x509.Period = PERIOD,
) -> Shown:
    key = x509.new_key()
    return Shown(x509.sign(common_name, names, key=key, issuer=issuer, period=period), key)


WORKER = shown()


def extension(pem: str, kind: type[reader.ExtensionType]) -> reader.Extension[reader.ExtensionType]:
    certificate = reader.load_pem_x509_certificate(pem.encode())
    return certificate.extensions.get_extension_for_class(kind)


def of_another_kind() -> str:
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    key = ed25519.Ed25519PrivateKey.generate()
    return key.private_bytes(serialization.Encoding.PEM, *form).decode()


def sealed(pem: str) -> str:
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    form = serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"sealed")
    return key.private_bytes(serialization.Encoding.PEM, *form).decode()


@pytest.mark.parametrize(
    "pem",
    [
        pytest.param("", id="nothing"),
        pytest.param("gärbage", id="another text"),
        pytest.param("\ud800", id="no text at all"),
        pytest.param(WORKER.key[:100], id="one cut short"),
        pytest.param(WORKER.key.replace("M", "N"), id="one with other letters"),
        pytest.param(WORKER.certificate, id="a certificate"),
        pytest.param(of_another_kind(), id="one of another kind"),
        pytest.param(sealed(WORKER.key), id="one with a passphrase"),
    ],
)
def test_what_is_no_key_is_said_in_a_sentence_and_not_shown(pem: str) -> None:
    with pytest.raises(Refused) as refused:
        x509.read_key(pem, "authority citus")
    assert str(refused.value) == "the key of authority citus is damaged"


@pytest.mark.parametrize(
    ("pem", "sentence"),
    [
        pytest.param("", "it is damaged", id="nothing"),
        pytest.param("gärbage", "it is damaged", id="another text"),
        pytest.param(WORKER.certificate[:200], "it is damaged", id="one cut short"),
        pytest.param(WORKER.key, "it is damaged", id="a key"),
        pytest.param(CA, "it and its key do not fit each other", id="the certificate of another"),
    ],
)
def test_what_is_no_certificate_of_a_key_is_said_in_a_sentence(pem: str, sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        x509.read_period(pem, key=WORKER.key, whose="it")
    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    "name",
    [
        *("", " ", "a b", "worker_0", "-a", "a-", "a.-b", "a-.b", ".a", "a.", "a..b", "ü.example"),
        *("*", "*.", "a.*", "*a.b", "a\n", "a\0b", "10.0.0.256", "10.0.0.1:5432", "[::1]"),
        *("fe80::1%eth0", "10.0.0.0/8", "a" * 64, ".".join(["a" * 49] * 6)),
    ],
)
def test_what_is_no_host_is_refused(name: str) -> None:
    with pytest.raises(Refused) as refused:
        x509.read_host(name)
    assert str(refused.value) == f"{name!r} is neither a host name nor an IP address"


@pytest.mark.parametrize(
    "name", [*NAMES, "A", "0-0", "1.example", "a.b.c", "a" * 63, "*.a", "10.0.0.255", "fe80::1"]
)
def test_a_host_is_read(name: str) -> None:
    assert str(x509.read_host(name).value) == name


@pytest.mark.parametrize("name", ["a" * 65, "a\nb", "a\0", "\ud800"])
def test_what_is_no_common_name_is_refused(name: str) -> None:
    with pytest.raises(Refused, match="can't be the common name of a certificate: that has at"):
        x509.read_name(name)


def test_a_key_is_in_no_repr() -> None:
    assert AUTHORITY.key not in repr(AUTHORITY)


def test_two_keys_and_two_serial_numbers_are_never_the_same() -> None:
    assert len({x509.new_key() for _ in range(20)}) == 20
    made = [reader.load_pem_x509_certificate(shown().certificate.encode()) for _ in range(20)]
    assert len({certificate.serial_number for certificate in made}) == 20


@pytest.mark.parametrize(
    ("host", "other"),
    [
        pytest.param("worker-1", WORKER, id="another name"),
        pytest.param("127.0.0.2", WORKER, id="another address"),
        pytest.param("worker-0", shown(names=("worker-1",)), id="the name as its subject only"),
        pytest.param("worker-0", shown(issuer=STRANGER), id="an authority of the same name"),
        pytest.param("worker-0", shown(issuer=NAMESAKE), id="an authority of the same key"),
        pytest.param("worker-0", shown(period=LAST_YEAR), id="what has ended"),
        pytest.param("worker-0", shown(period=NEXT_YEAR), id="what has not begun"),
    ],
)
def test_a_client_that_verifies_in_full_refuses(host: str, other: Shown, tmp_path: Path) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        tls.connect(tls.server(other, tmp_path), tls.client(tmp_path, trusts=CA), host)


def test_what_is_no_authority_signs_for_nobody(tmp_path: Path) -> None:
    """Who has taken a worker's key is not the coordinator by that."""
    forged = shown("coordinator", ("coordinator",), issuer=x509.Issuer("worker-0", WORKER.key))
    chain = Shown(forged.certificate + WORKER.certificate, forged.key)
    with pytest.raises(ssl.SSLCertVerificationError, match="invalid CA certificate"):
        tls.connect(tls.server(chain, tmp_path), tls.client(tmp_path, trusts=CA), "coordinator")


@pytest.mark.parametrize("host", ["worker-0", "a.pods.citus.svc", "127.0.0.1", "::1"])
def test_a_client_that_verifies_in_full_accepts_each_name(host: str, tmp_path: Path) -> None:
    tls.connect(tls.server(WORKER, tmp_path), tls.client(tmp_path, trusts=CA), host)


def test_a_client_that_verifies_the_authority_accepts_any_name(tmp_path: Path) -> None:
    client = tls.client(tmp_path, trusts=CA, names=False)
    tls.connect(tls.server(WORKER, tmp_path), client, "worker-1")


@pytest.mark.parametrize(
    ("common_name", "names"), [("citus_admin", ()), ("", ("worker-0",)), ("worker-0", NAMES)]
)
def test_a_server_verifies_its_clients(
    common_name: str, names: tuple[str, ...], tmp_path: Path
) -> None:
    client = tls.client(tmp_path, trusts=CA, shown=shown(common_name, names))
    tls.connect(tls.server(WORKER, tmp_path, trusts=CA), client, "worker-0")


@pytest.mark.parametrize("other", [None, shown(issuer=STRANGER)], ids=["no one", "a stranger"])
def test_a_server_that_verifies_its_clients_refuses(other: Shown | None, tmp_path: Path) -> None:
    client = tls.client(tmp_path, trusts=CA, shown=other)
    with pytest.raises(ssl.SSLError):
        tls.connect(tls.server(WORKER, tmp_path, trusts=CA), client, "worker-0")


def test_an_authoritys_next_certificate_stands_for_its_last_one(tmp_path: Path) -> None:
    long_ago = x509.Period.of_days(900, NOW - 800 * DAY)
    last = x509.sign_authority("citus", key=AUTHORITY.key, period=long_ago)
    for trusts in (last, CA, last + CA):
        for server in (WORKER, shown(period=long_ago)):
            tls.connect(tls.server(server, tmp_path), tls.client(tmp_path, trusts=trusts), "::1")


@pytest.mark.parametrize(
    ("pem", "kind", "critical"),
    [
        pytest.param(CA, reader.BasicConstraints, True, id="that it is an authority"),
        pytest.param(CA, reader.KeyUsage, True, id="that it signs certificates"),
        pytest.param(WORKER.certificate, reader.BasicConstraints, True, id="that it is none"),
        pytest.param(WORKER.certificate, reader.KeyUsage, True, id="that it signs no certificates"),
        pytest.param(WORKER.certificate, reader.ExtendedKeyUsage, False, id="for what it is"),
        pytest.param(
            WORKER.certificate, reader.SubjectAlternativeName, False, id="names beside a subject"
        ),
        pytest.param(
            shown("").certificate, reader.SubjectAlternativeName, True, id="names and no subject"
        ),
    ],
)
def test_who_verifies_must_understand(
    pem: str,
    kind: type[reader.ExtensionType],
    critical: bool,  # noqa: FBT001
) -> None:
    assert extension(pem, kind).critical is critical


def test_an_authority_signs_for_no_other_authority() -> None:
    constraints = extension(CA, reader.BasicConstraints).value
    assert constraints == reader.BasicConstraints(ca=True, path_length=0)


def test_without_names_there_is_no_list_of_them() -> None:
    with pytest.raises(reader.ExtensionNotFound):
        extension(shown("citus_admin", ()).certificate, reader.SubjectAlternativeName)


@pytest.mark.parametrize("days", [1, 365, 3650, 36500])
def test_a_certificate_tells_its_period(days: int) -> None:
    """It begins before, for a clock that is behind; beyond 2049 its time is written otherwise."""
    period = x509.Period.of_days(days, datetime(2026, 11, 22, 10, 0, 0, 999_999, UTC))
    made = shown(period=period)
    assert x509.read_period(made.certificate, key=made.key, whose="it") == x509.Period(
        datetime(2026, 11, 22, 9, 55, tzinfo=UTC),
        datetime(2026, 11, 22, 10, tzinfo=UTC) + days * DAY,
    )
