"""Tell whether a password is the one that a SCRAM verifier of ``pg_authid`` was made from."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

_VERIFIER = re.compile(r"SCRAM-SHA-256\$(\d+):([^$]+)\$([^:]+):(.+)")


def fits(password: str, verifier: str | None) -> bool:
    """Compute the verifier again with its own salt and compare (RFC 5802, ASCII passwords)."""
    match = _VERIFIER.fullmatch(verifier or "")
    if match is None:
        return False
    iterations, salt, stored_key = int(match[1]), base64.b64decode(match[2]), match[3]
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, iterations)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    computed = base64.b64encode(hashlib.sha256(client_key).digest()).decode()
    return hmac.compare_digest(computed, stored_key)
