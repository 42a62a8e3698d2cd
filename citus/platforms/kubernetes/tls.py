"""TLS between the pods of a stack: what a server shows, and how a client of libpq checks it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pulumi

from citus.platforms.kubernetes.certificate import Certificate
from citus.platforms.kubernetes.certificate_authority import CertificateAuthority
from citus.platforms.kubernetes.namespace import StackNamespace
from citus.platforms.kubernetes.postgres_files import AUTHORITY, CERTIFICATE, KEY, SECRETS

# libpq reads these for every connection, so that a renewed authority starts no pod anew. They hold
# where a client's own settings say nothing else.
CLIENT: Mapping[str, str] = MappingProxyType(
    {"PGSSLMODE": "verify-full", "PGSSLROOTCERT": f"{SECRETS}/{AUTHORITY}"}
)


def client_files(authority: CertificateAuthority) -> dict[str, pulumi.Output[str]]:
    """Give the file by which a client knows every server of the stack."""
    return {AUTHORITY: authority.certificate}


def server_files(
    name: str, *, of: StackNamespace, authority: CertificateAuthority, opts: pulumi.ResourceOptions
) -> dict[str, pulumi.Output[str]]:
    """Give the files of a server that is reached by the Service of a name."""
    signed = Certificate(
        name, common_name=name, names=of.names_of(name), authority=authority, opts=opts
    )
    return {CERTIFICATE: signed.certificate, KEY: signed.key, **client_files(authority)}
