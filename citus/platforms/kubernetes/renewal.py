"""What has an end is made anew before: by the first run with less than a third of its time left.

That only few days are left is drift like any other, found by a refresh and shown by a preview:

    ~ valid_days: 597 => 1825

A run without a refresh finds it too, and tells it in a sentence.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

from pulumi.dynamic import CreateResult, DiffResult, ReadResult, UpdateResult

from citus.dynamic import DeclaredProvider
from citus.errors import Refused
from citus.progress import tell

VALID_DAYS = "valid_days"
# What a certificate has beside its inputs.
CERTIFICATE, KEY, VALID_UNTIL = "certificate", "key", "valid_until"


class Renewed(Protocol):
    """A certificate as it is declared."""

    @property
    def valid_days(self) -> int:
        """For how long it is made."""

    @property
    def title(self) -> str:
        """How a sentence names it."""


Spec = TypeVar("Spec", bound=Renewed)


class RenewingProvider(DeclaredProvider[Spec]):
    """Makes a certificate, and makes it anew in place: for other inputs, or since it ends."""

    @staticmethod
    def now() -> datetime:
        """Look at the clock."""
        return datetime.now(UTC)

    @abstractmethod
    def issue(self, spec: Spec, now: datetime) -> tuple[str, str]:
        """Give the certificate, valid from *now* on, and its key."""

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Make the first one."""
        new = self.decode(props)
        return CreateResult(new.title, self._issue(new))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Make the next one."""
        return UpdateResult(self._issue(self.decode(_news)))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Find how many days are left, where they are few."""
        observed = self._observe(props)
        if observed is props:
            return ReadResult(id_, dict(props))
        declared = self.encode(self.decode(props))
        return ReadResult(id_, observed, {**declared, VALID_DAYS: observed[VALID_DAYS]})

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Compare the inputs; a certificate with few days left is another than is declared."""
        return super().diff(_id, self._observe(_olds), _news)

    def _issue(self, spec: Spec) -> dict[str, Any]:
        from citus.platforms.kubernetes import x509  # noqa: PLC0415 - not in the program

        certificate, key = self.issue(spec, self.now())
        end = x509.read_period(certificate, key=key, whose=spec.title).end
        made = {CERTIFICATE: certificate, KEY: key, VALID_UNTIL: _written(end)}
        return {**self.encode(spec), **made}

    def _observe(self, props: dict[str, Any]) -> dict[str, Any]:
        """Give *props* with the days that are left, where those are few."""
        recorded = self.decode_or_none(props)
        ending = recorded and _ending(recorded.title, props, self.now())
        if not recorded or not ending:
            return props
        if ending.days != recorded.valid_days:  # else a refresh has told it
            tell(f"{ending.why}: `up` renews it")
        return {**props, VALID_DAYS: ending.days}


@dataclass(frozen=True)
class _Ending:
    days: int
    why: str


def _ending(title: str, props: dict[str, Any], now: datetime) -> _Ending | None:
    from citus.platforms.kubernetes import x509  # noqa: PLC0415 - not in the program

    certificate, key = str(props.get(CERTIFICATE, "")), str(props.get(KEY, ""))
    try:
        period = x509.read_period(certificate, key=key, whose=title)
    except Refused as damaged:
        return _Ending(0, str(damaged))
    left = period.end - now
    if left >= (period.end - period.start) / 3:
        return None
    return _Ending(max(left.days, 0), f"{title} ends at {_written(period.end)}")


def _written(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")
