"""Keys and certificates as PEM text: made, and read back.

An authority signs certificates for servers and their clients alike; all keys are of the curve
P-256. What verifies them (OpenSSL below PostgreSQL and libpq) finds the authority of a certificate
by the name and by the key of the authority, never by a serial number: so an authority's next
certificate stands for its last one.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from citus.errors import Refused

_CLOCKS_DIFFER_BY = timedelta(minutes=5)
_LONGEST_NAME, _LONGEST_HOST = 64, 253  # X.520's common name, DNS
_HOST = re.compile(  # RFC 1123, with a wildcard for its first label; the last one is no number
    r"(\*\.)?(?!-)([a-z0-9-]{1,63}(?<!-)\.(?!-))*(?![0-9]+$)[a-z0-9-]{1,63}(?<!-)", re.IGNORECASE
)
_PEM = serialization.Encoding.PEM


@dataclass(frozen=True)
class Issuer:
    """The authority that signs."""

    common_name: str
    key: str = field(repr=False)


@dataclass(frozen=True)
class Period:
    """From when and until when a certificate is valid."""

    start: datetime
    end: datetime

    @classmethod
    def of_days(cls, days: int, now: datetime) -> Period:
        """Begin a little before *now*: the clock of who verifies may be behind."""
        return cls(now - _CLOCKS_DIFFER_BY, now + timedelta(days=days))


def new_key() -> str:
    """Make a random private key."""
    key = ec.generate_private_key(ec.SECP256R1())
    form, unencrypted = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(_PEM, form, unencrypted).decode()


def sign_authority(common_name: str, *, key: str, period: Period) -> str:
    """Certify an authority by its own *key*: it may sign certificates, but no other authority."""
    private = read_key(key, f"authority {common_name}")
    name = read_name(common_name)
    builder = _builder(name, name, private.public_key(), private, period)
    authority = x509.BasicConstraints(ca=True, path_length=0)
    builder = builder.add_extension(authority, critical=True)
    builder = builder.add_extension(_usage(signs=True), critical=True)
    return _signed(builder, private)


def sign(
    common_name: str, names: Sequence[str], *, key: str, issuer: Issuer, period: Period
) -> str:
    """Certify the holder of *key*, as a server of these *names* and as a client."""
    subject, signer = (
        read_name(common_name),
        read_key(issuer.key, f"authority {issuer.common_name}"),
    )
    public = read_key(key, common_name or names[0]).public_key()
    builder = _builder(subject, read_name(issuer.common_name), public, signer, period)
    nobody = x509.BasicConstraints(ca=False, path_length=None)
    purposes = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    builder = builder.add_extension(nobody, critical=True)
    builder = builder.add_extension(_usage(signs=False), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    if names:
        hosts = x509.SubjectAlternativeName([read_host(name) for name in names])
        # RFC 5280: where there is no subject, its names have to be understood.
        builder = builder.add_extension(hosts, critical=not common_name)
    return _signed(builder, signer)


def read_name(common_name: str) -> x509.Name:
    """Read a subject, which may be empty; a common name that can't be one is refused."""
    if len(common_name) > _LONGEST_NAME or not common_name.isprintable():
        raise Refused(
            f"{common_name!r} can't be the common name of a certificate: "
            f"that has at most {_LONGEST_NAME} printable characters"
        )
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, common_name)] if common_name else []
    return x509.Name(parts)


def read_host(name: str) -> x509.GeneralName:
    """Read a host name or an IP address; what is neither is refused."""
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        pass
    else:
        if "%" not in name:  # an IPv6 address with its interface means another host to each host
            return x509.IPAddress(address)
    if len(name) > _LONGEST_HOST or not _HOST.fullmatch(name):
        raise Refused(f"{name!r} is neither a host name nor an IP address")
    return x509.DNSName(name)


def read_key(pem: str, whose: str) -> ec.EllipticCurvePrivateKey:
    """Read a private key; another thing than one of ours is refused, and not shown."""
    try:
        key = serialization.load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise Refused(f"the key of {whose} is damaged")
    return key


def read_period(certificate: str, *, key: str, whose: str) -> Period:
    """Read until when a certificate is valid; what is none, or not of *key*, is refused."""
    public = read_key(key, whose).public_key()
    try:
        read = x509.load_pem_x509_certificate(certificate.encode())
        its_own = read.public_key() == public
        period = Period(read.not_valid_before_utc, read.not_valid_after_utc)
    except (ValueError, UnsupportedAlgorithm):
        raise Refused(f"{whose} is damaged") from None
    if not its_own:
        raise Refused(f"{whose} and its key do not fit each other")
    return period


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public: ec.EllipticCurvePublicKey,
    signer: ec.EllipticCurvePrivateKey,
    period: Period,
) -> x509.CertificateBuilder:
    signed_by = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    return (
        x509.CertificateBuilder(subject_name=subject, issuer_name=issuer, public_key=public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(period.start)
        .not_valid_after(period.end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(signed_by, critical=False)
    )


def _signed(builder: x509.CertificateBuilder, signer: ec.EllipticCurvePrivateKey) -> str:
    return builder.sign(signer, hashes.SHA256()).public_bytes(_PEM).decode()


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )
