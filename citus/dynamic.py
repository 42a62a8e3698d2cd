"""What all dynamic providers of this program share.

Pulumi stores a provider as a reference: its module and class name, with the attributes of
the instance. So these classes are stateless where the program makes them, and their module
paths are permanent: they stand in the state of every stack.
"""

from __future__ import annotations

import sys
from typing import Any, ClassVar, Generic, TypeVar, cast

from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    ConfigureRequest,
    DiffResult,
    ResourceProvider,
    UpdateResult,
)

from citus.errors import Refused
from citus.lifeline import LIFELINE
from citus.properties import UnknownShape, decode, encode
from citus.routes.ways import WAYS

Spec = TypeVar("Spec")


class DeclaredProvider(ResourceProvider, Generic[Spec]):
    """A provider whose inputs are one frozen dataclass, `spec`.

    `diff` compares every decoded input and answers yes or no. It never answers a
    replacement: what holds data is changed in place or not at all.
    """

    serialize_as_secret_always = False
    spec: ClassVar[type[Any]]
    retain_data = False
    kube_context = ""

    def configure(self, req: ConfigureRequest) -> None:
        """Read what a run, not a resource, decides; called once in the provider's process."""
        sys.tracebacklimit = 0  # what a user did is told in a sentence, not by our stack
        LIFELINE.watch()
        self.retain_data = req.config.get("retainData") == "true"
        self.kube_context = WAYS.context = req.config.get("kubeContext") or ""

    def validate(self, old: Spec | None, new: Spec) -> None:
        """Raise `Refused` for inputs that can't be; by default anything can."""

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Validate the inputs; a failure is one sentence."""
        try:
            new = self.decode(news)
            self.validate(self.decode_or_none(_olds), new)
        except Refused as refused:
            return refusal(news, refused)
        except UnknownShape:
            pass
        return CheckResult(news, [])

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Compare the decoded inputs; what is unknown yet counts as changed."""
        try:
            return DiffResult(changes=self.decode_or_none(_olds) != self.decode(_news))
        except UnknownShape:
            return DiffResult(changes=True)

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Record the new inputs, which is all that a kind does that only records."""
        return UpdateResult(self.encode(self.decode(_news)))

    def decode(self, props: dict[str, Any]) -> Spec:
        """Read the inputs among *props*."""
        return cast("Spec", decode(self.spec, props))

    def decode_or_none(self, props: dict[str, Any]) -> Spec | None:
        """Read recorded inputs; ``None`` where nothing usable was recorded."""
        try:
            return self.decode(props)
        except Refused:
            return None

    def encode(self, spec: Spec) -> dict[str, Any]:
        """Write inputs as Pulumi stores them."""
        encoded: dict[str, Any] = encode(spec)
        return encoded


def refusal(news: dict[str, Any], refused: Refused) -> CheckResult:
    """Answer a check with one sentence."""
    # No property is named: the engine would print its value, a secret one too.
    return CheckResult(news, [CheckFailure("", str(refused))])
