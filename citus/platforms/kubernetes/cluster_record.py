"""`ClusterRecord`: which Kubernetes cluster a stack is in, as long as it is up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, Resource

from citus.dynamic import DeclaredProvider
from citus.errors import Refused
from citus.properties import encode


@dataclass(frozen=True)
class ClusterRecordSpec:
    """The stack, and its cluster's identity; empty where that could not be asked."""

    stack: str
    identity: str


class ClusterRecordProvider(DeclaredProvider[ClusterRecordSpec]):
    """Records the cluster, and refuses another one: the data would stay behind."""

    spec = ClusterRecordSpec

    def validate(self, old: ClusterRecordSpec | None, new: ClusterRecordSpec) -> None:
        """Refuse another cluster than the recorded one."""
        if old and old.identity and new.identity not in ("", old.identity):
            raise Refused(
                f"stack {new.stack} is up in another Kubernetes cluster than the one that answers "
                "here: put citus:kubeContext or KUBECONFIG back to the cluster of its data"
            )

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Learn an identity that was not known; one that can't be asked now is no change."""
        old, new = self.decode(_olds), self.decode(_news)
        return DiffResult(changes=bool(new.identity) and new.identity != old.identity)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Record it."""
        return CreateResult(props["stack"], self.encode(self.decode(props)))


class ClusterRecord(Resource, module="citus", name="ClusterRecord"):
    """The cluster of a stack; what holds data depends on it."""

    def __init__(
        self,
        resource_name: str,
        *,
        stack: str,
        identity: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = encode(ClusterRecordSpec(stack, identity))
        super().__init__(ClusterRecordProvider(), resource_name, inputs, opts)
