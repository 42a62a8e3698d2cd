"""`ClusterRecord`: where in which Kubernetes cluster a stack is, as long as it is up.

It comes before the namespace. So what has the namespace's name when the record is made is somebody
else's, or another checkout's; later it is the stack's own, also what a killed run has begun.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi.dynamic import CheckResult, CreateResult, DiffResult, Resource

from citus.dynamic import DeclaredProvider
from citus.errors import Refused
from citus.properties import encode


@dataclass(frozen=True)
class ClusterRecordSpec:
    """The stack, its cluster's identity (empty where that could not be asked), its namespace."""

    stack: str
    identity: str
    namespace: str


class ClusterRecordProvider(DeclaredProvider[ClusterRecordSpec]):
    """Records the place, and refuses another one: the data would stay behind."""

    spec = ClusterRecordSpec

    def validate(self, old: ClusterRecordSpec | None, new: ClusterRecordSpec) -> None:
        """Refuse another place than the recorded one."""
        if old and old.namespace != new.namespace:
            raise Refused(
                f"stack {new.stack} is up in the namespace {old.namespace}, and its data do not "
                f"move to {new.namespace}: set citus:namespace to {old.namespace} again"
            )
        if old and old.identity and new.identity not in ("", old.identity):
            raise Refused(
                f"stack {new.stack} is up in another Kubernetes cluster than the one that answers "
                "here: put citus:kubeContext or KUBECONFIG back to the cluster of its data"
            )

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Keep the identity that is known where it can't be asked now."""
        old = self.decode_or_none(_olds)
        if old and not news.get("identity"):
            news = {**news, "identity": old.identity}
        return super().check(_olds, news)

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Learn an identity that was not known; one that can't be asked now is no change."""
        old, new = self.decode(_olds), self.decode(_news)
        return DiffResult(changes=bool(new.identity) and new.identity != old.identity)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Record it, unless somebody else's namespace is there: it would go with the stack."""
        from citus.platforms.kubernetes import api  # noqa: PLC0415 - for the provider alone

        spec = self.decode(props)
        if api.has_namespace(spec.stack, self.kube_context, spec.namespace):
            raise Refused(
                f"the namespace {spec.namespace} is there already, and stack {spec.stack} has not "
                "made it: nothing was changed; set citus:namespace to another, or, if it is what a "
                "lost state has left and nobody needs it, delete it"
            )
        return CreateResult(spec.stack, self.encode(spec))


class ClusterRecord(Resource, module="citus", name="ClusterRecord"):
    """The cluster of a stack; what holds data depends on it."""

    def __init__(
        self,
        resource_name: str,
        *,
        stack: str,
        identity: str,
        namespace: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = encode(ClusterRecordSpec(stack, identity, namespace))
        super().__init__(ClusterRecordProvider(), resource_name, inputs, opts)
