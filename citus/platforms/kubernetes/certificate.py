"""`Certificate`: what a server or a client shows, with its key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pulumi
from pulumi.dynamic import Resource

from citus.errors import Refused
from citus.platforms.kubernetes.certificate_authority import CertificateAuthority, require_sound
from citus.platforms.kubernetes.renewal import CERTIFICATE, KEY, VALID_UNTIL, RenewingProvider
from citus.properties import KNOWN_AFTER_UP, encode

# Nodes whose certificates have ended refuse each other, all of them: after an `up` at least twenty
# months are left.
_VALID_DAYS = 5 * 365


@dataclass(frozen=True)
class CertificateSpec:
    """Whose it is, by which names it is reached, who signs it, and for how long it is made.

    The authority's own certificate is not among it: a new one leaves what was signed as it is.
    """

    common_name: str
    names: tuple[str, ...]
    authority: str
    authority_key: str = field(repr=False)
    valid_days: int

    @property
    def title(self) -> str:
        """How a sentence names it."""
        return f"certificate {self.common_name or ', '.join(self.names)}"


class CertificateProvider(RenewingProvider[CertificateSpec]):
    """Certifies a key that it makes each time."""

    spec = CertificateSpec

    def validate(self, _old: CertificateSpec | None, new: CertificateSpec) -> None:
        """Refuse names that a certificate can't have, and an authority that can't sign."""
        from citus.platforms.kubernetes import x509  # noqa: PLC0415 - not in the program

        if not new.common_name and not new.names:
            raise Refused("a certificate needs a common name, or names")
        if new.common_name == new.authority:
            raise Refused(f"{new.title} has the name of its authority: it needs another")
        x509.read_name(new.common_name)
        for name in new.names:
            if name != KNOWN_AFTER_UP:
                x509.read_host(name)
        require_sound(new.authority_key, new.authority)

    def issue(self, spec: CertificateSpec, now: datetime) -> tuple[str, str]:
        """Give the certificate of a new key, and the key."""
        from citus.platforms.kubernetes import x509  # noqa: PLC0415 - not in the program

        key = x509.new_key()
        issuer = x509.Issuer(spec.authority, spec.authority_key)
        period = x509.Period.of_days(spec.valid_days, now)
        certificate = x509.sign(spec.common_name, spec.names, key=key, issuer=issuer, period=period)
        return certificate, key


class Certificate(Resource, module="citus", name="Certificate"):
    """A certificate for a server of *names*, and for a client; `key` is a secret output."""

    certificate: pulumi.Output[str]
    key: pulumi.Output[str]
    valid_until: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        common_name: str,
        names: Sequence[pulumi.Input[str]],
        authority: CertificateAuthority,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        signer = authority.common_name, authority.key
        spec = CertificateSpec(common_name, tuple(names), *signer, _VALID_DAYS)  # type: ignore[arg-type]
        secret = pulumi.ResourceOptions(additional_secret_outputs=[KEY])
        super().__init__(
            CertificateProvider(),
            resource_name,
            {**encode(spec), CERTIFICATE: None, KEY: None, VALID_UNTIL: None},
            pulumi.ResourceOptions.merge(opts, secret),
        )
