from __future__ import annotations

import base64
import hashlib
import hmac

import psycopg
import pytest

from citus.database import scram

pytestmark = pytest.mark.pure

# Of RFC 7677: user `user`, password `pencil`.
RFC = (
    "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ=="
    "$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
)


def verifier(password: str, salt: bytes = b"0123456789abcdef", iterations: int = 4096) -> str:
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, iterations)
    key = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    salt64, key64, server64 = (base64.b64encode(b).decode() for b in (salt, key, server))
    return f"SCRAM-SHA-256${iterations}:{salt64}${key64}:{server64}"


def test_the_password_of_the_standards_example_fits() -> None:
    assert scram.fits("pencil", RFC)
    assert not scram.fits("pencils", RFC)


def test_it_computes_with_the_verifiers_own_salt_and_iterations() -> None:
    assert scram.fits("x:y$z", verifier("x:y$z", b"another salt", 17))
    assert not scram.fits("x", verifier("y", b"another salt", 17))


@pytest.mark.parametrize(
    "stored", [None, "", "plain", "md5" + "0" * 32, "SCRAM-SHA-256$4096:c2FsdA==$", RFC[:-46]]
)
def test_what_is_no_verifier_fits_nothing(stored: str | None) -> None:
    assert not scram.fits("pencil", stored)


def test_it_agrees_with_libpq() -> None:
    """What `ALTER ROLE` would send is made by libpq of the same password."""
    connection = psycopg.pq.PGconn.connect_start(b"host=127.0.0.1 port=1")
    made = connection.encrypt_password(b"a secret", b"me", b"scram-sha-256").decode()
    connection.finish()
    assert scram.fits("a secret", made)
    assert not scram.fits("another", made)
