"""`CertificateAuthority`: who signs the certificates of a stack's nodes and clients.

    CertificateAuthority
    ├── AuthorityKey           made once, and never again
    └── AuthorityCertificate   made anew before it ends

The key has no end, so the two are told apart: a preview that renews the certificate still knows
the key, and sees that nothing that it has signed changes. What was signed stays valid, and is
verified by the old certificate and the new one alike.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, Resource

from citus.dynamic import DeclaredProvider
from citus.errors import Refused
from citus.platforms.kubernetes.renewal import CERTIFICATE, KEY, VALID_UNTIL, RenewingProvider
from citus.properties import KNOWN_AFTER_UP, encode

_VALID_DAYS = 10 * 365


@dataclass(frozen=True)
class AuthorityKeySpec:
    """Nothing is declared of a key but that it is there."""


class AuthorityKeyProvider(DeclaredProvider[AuthorityKeySpec]):
    """Makes it once; nothing changes it."""

    spec = AuthorityKeySpec

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Make a random one."""
        from citus.platforms.kubernetes import x509  # noqa: PLC0415 - not in the program

        return CreateResult("key", {**self.encode(self.decode(props)), KEY: x509.new_key()})


class AuthorityKey(Resource, module="citus", name="AuthorityKey"):
    """The private key of an authority; `key` is a secret output."""

    key: pulumi.Output[str]

    def __init__(self, resource_name: str, *, opts: pulumi.ResourceOptions | None = None) -> None:
        secret = pulumi.ResourceOptions(additional_secret_outputs=[KEY])
        super().__init__(
            AuthorityKeyProvider(),
            resource_name,
            {KEY: None},
            pulumi.ResourceOptions.merge(opts, secret),
        )


def require_sound(key: str, authority: str) -> None:
    """Refuse a key that can't sign, and say how to come by another; what is unknown yet may do."""
    from citus.platforms.kubernetes import x509  # noqa: PLC0415 - not in the program

    if key == KNOWN_AFTER_UP:
        return
    try:
        x509.read_key(key, f"authority {authority}")
    except Refused as damaged:
        raise Refused(
            f"{damaged} in the state of this stack: `bin/pulumi up --replace '**AuthorityKey**'` "
            "makes another, and renews what it signs"
        ) from None


@dataclass(frozen=True)
class AuthorityCertificateSpec:
    """The authority's name, its key, and for how long its certificate is made."""

    common_name: str
    key: str = field(repr=False)
    valid_days: int

    @property
    def title(self) -> str:
        """How a sentence names it."""
        return f"certificate of authority {self.common_name}"


class AuthorityCertificateProvider(RenewingProvider[AuthorityCertificateSpec]):
    """Certifies the authority by its own key."""

    spec = AuthorityCertificateSpec

    def validate(
        self, _old: AuthorityCertificateSpec | None, new: AuthorityCertificateSpec
    ) -> None:
        """Refuse a name that no authority can have, and a key that can't sign."""
        from citus.platforms.kubernetes import x509  # noqa: PLC0415 - not in the program

        if not new.common_name:
            raise Refused("an authority needs a common name")
        x509.read_name(new.common_name)
        require_sound(new.key, new.common_name)

    def issue(self, spec: AuthorityCertificateSpec, now: datetime) -> tuple[str, str]:
        """Give the certificate, and the key that stays."""
        from citus.platforms.kubernetes import x509  # noqa: PLC0415 - not in the program

        period = x509.Period.of_days(spec.valid_days, now)
        return x509.sign_authority(spec.common_name, key=spec.key, period=period), spec.key


class AuthorityCertificate(Resource, module="citus", name="AuthorityCertificate"):
    """The certificate of an authority, and until when it is valid."""

    certificate: pulumi.Output[str]
    valid_until: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        common_name: str,
        key: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = encode(AuthorityCertificateSpec(common_name, key, _VALID_DAYS))  # type: ignore[arg-type]
        made = {CERTIFICATE: None, VALID_UNTIL: None}
        super().__init__(AuthorityCertificateProvider(), resource_name, {**inputs, **made}, opts)


class CertificateAuthority(pulumi.ComponentResource):
    """The authority of one stack; `certificate` is public, `key` is a secret output."""

    certificate: pulumi.Output[str]
    key: pulumi.Output[str]
    valid_until: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        common_name: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("citus:kubernetes:CertificateAuthority", resource_name, {}, opts)
        self.common_name = common_name
        child = pulumi.ResourceOptions(parent=self)
        self.key = AuthorityKey(f"{resource_name}-key", opts=child).key
        made = AuthorityCertificate(
            f"{resource_name}-certificate", common_name=common_name, key=self.key, opts=child
        )
        self.certificate, self.valid_until = made.certificate, made.valid_until
        self.register_outputs({CERTIFICATE: self.certificate, VALID_UNTIL: self.valid_until})
