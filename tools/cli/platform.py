"""What a stack runs on, and whether that is there with all that the stack has recorded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tools.cli import recorded
from tools.cli.failure import ToolError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path


def platform_of(stack: Mapping[str, Any], project: Mapping[str, Any]) -> str | None:
    """Give what the stack runs on: what its file says, else the project's default."""
    return _said("platform", stack, project)


def workers_of(stack: Mapping[str, Any], project: Mapping[str, Any]) -> int | None:
    """Give how many workers are declared; ``None`` where that is no number."""
    said = _said("workers", stack, project) or ""
    return int(said) if said.isdecimal() else None


def _said(key: str, stack: Mapping[str, Any], project: Mapping[str, Any]) -> str | None:
    said = (stack.get("config") or {}).get(f"citus:{key}")
    if said is None:
        declared = (project.get("config") or {}).get(key)
        said = declared.get("default") if isinstance(declared, dict) else declared
    return None if said is None else str(said)


@dataclass(frozen=True)
class Platform:
    """A stack's platform as declared, beside what its state has recorded."""

    stack: str
    folder: Path
    declared: str | None
    deployment: Mapping[str, Any]
    kube_context: str = ""
    given_up: Collection[str] = ()
    """The workers that are lost for good, whose data are looked for no more."""
    workers: int | None = None
    """How many are declared; all that are recorded where that is not known."""

    def require(self, command: str) -> None:
        """Refuse a command that would take what it can't see for gone.

        The program asks, too; but a refresh comes before it, and `destroy` looks at nothing.

        Raises:
            ToolError: Another platform is declared than the stack is up on, no Docker engine or
                Kubernetes cluster answers, or it is not the one that has the recorded data.
        """
        was = recorded.platform(self.deployment)
        if was not in (None, self.declared):
            raise ToolError(
                f"stack {self.stack} is up on the platform {was}, and its data do not move to "
                f"{self.declared}: `bin/pulumi config set platform {was} --stack {self.stack}`"
            )
        if self.declared == "docker":
            self._require_engine(volumes=command != "destroy")
        known = recorded.cluster(self.deployment)
        if self.declared == "kubernetes" and known:
            self._require_cluster(known, command)

    def _require_cluster(self, known: str, command: str) -> None:
        # Only here, since they load Pulumi's SDK and Kubernetes' client.
        from citus.errors import Refused  # noqa: PLC0415
        from citus.platforms.kubernetes import api  # noqa: PLC0415

        goes = command == "destroy"
        recorded_claims = [] if goes else recorded.claims(self.deployment)
        try:
            found = api.ask(self.stack, self.kube_context)
            lost = self._lost(recorded_claims)
        except Refused as refused:
            forget = (
                f". If that cluster is gone for good, `bin/pulumi stack rm {self.stack} --force "
                "--preserve-config` forgets the stack"
            )
            raise ToolError(f"{refused}{forget if goes else ''}") from None
        if found not in ("", known):
            raise ToolError(
                f"stack {self.stack} is up in another Kubernetes cluster than the one that answers "
                "here, where all of it would be taken for gone: put citus:kubeContext or "
                "KUBECONFIG back"
            )
        if lost:
            raise ToolError(
                f"the cluster has no claim {', '.join(lost)}, though stack {self.stack} has "
                "recorded data there, and would make it anew, empty: keep its volume for it, which "
                "`kubectl get pv` lists as Released (docs/kubernetes.md tells how); or give a "
                "worker up (docs/kinds.md); or, if no data are needed, `make down` and then "
                "`make up`"
            )

    def _lost(self, known: list[tuple[str, str]]) -> list[str]:
        from citus.platforms.kubernetes import api  # noqa: PLC0415 - as above

        there = {
            namespace: api.claims(self.stack, self.kube_context, namespace)
            for namespace in sorted({namespace for namespace, _ in known})
        }
        return [
            name
            for namespace, name in known
            if self._is_needed(name.removesuffix("-data"), f"{namespace}/{name}")
            and (found := there[namespace]) is not None
            and name not in found
        ]

    def _is_needed(self, node: str, data: str) -> bool:
        """Tell whether a node's data must be there.

        Those of a worker that is a member must, and of one that is to join. Not those of one that
        was drained, which a scale-in took away before it was cut off.
        """
        if node in self.given_up:
            return False
        index = node.removeprefix("worker-")
        if index == node or not recorded.has_left(self.deployment, node):
            return True
        declared = self.workers is None or not index.isdecimal() or int(index) < self.workers
        return declared and not recorded.is_being_deleted(self.deployment, data)

    def _require_engine(self, *, volumes: bool) -> None:
        # Only here, since it loads Pulumi's SDK.
        from citus.errors import ConfigError  # noqa: PLC0415
        from citus.platforms.docker import engine  # noqa: PLC0415
        from citus.platforms.docker.names import prefix  # noqa: PLC0415
        from citus.platforms.stack_folder import kept_password  # noqa: PLC0415

        try:
            engine.check(self.stack)
        except ConfigError as error:
            raise ToolError(str(error)) from None
        known = recorded.data_volumes(self.deployment)
        lost = [
            name
            for name in known
            if self._is_needed(name.removeprefix(f"{prefix(self.stack)}-"), name)
            and not engine.has_volume(name)
        ]
        if lost and volumes:
            raise ToolError(
                f"the engine has no volume {', '.join(lost)}, though stack {self.stack} has "
                "recorded data there: put them back, or name the right engine by DOCKER_HOST; or "
                "give a worker up (docs/kinds.md); or, if no data are needed, `make down` and then "
                "`make up`"
            )
        first = f"{prefix(self.stack)}-coordinator"
        password = self.folder / kept_password(self.stack, "postgres")
        fresh = not recorded.anything(self.deployment)
        if fresh and not password.exists() and engine.has_volume(first):
            raise ToolError(
                f"the engine has a volume {first}, whose password is not in {password}: it was "
                f"kept by another checkout; give this stack another name, or remove the volumes "
                f"{prefix(self.stack)}-… if nobody needs them"
            )
