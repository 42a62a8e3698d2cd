"""What is still missing until an object is as its manifest wants it: a sentence, or nothing."""

from __future__ import annotations

from collections.abc import Callable

from tests.kubernetes.api import Object
from tests.kubernetes.pod_status import is_ready, trouble

Unmet = Callable[[Object], str]


def ready(known: Object) -> str:
    """Say why an object isn't ready; kinds that have no such state are as soon as they exist."""
    seen = known.get("status", {}).get("observedGeneration")
    if seen is not None and seen < known["metadata"]["generation"]:
        return "its controller has not seen the last change"
    look = _KINDS.get(known["kind"])
    return look(known) if look else ""


def has(path: str, value: object) -> Unmet:
    """Give a condition: the field at *path*, with dots between names, has that value."""

    def unmet(known: Object) -> str:
        found = field(known, path)
        return "" if found == value else f"{path} is {found!r}, not {value!r}"

    return unmet


def field(known: Object, path: str) -> object:
    """Give the field at *path*; ``None`` where there is none."""
    found: object = known
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _deployment(known: Object) -> str:
    return _replicas(known, known["spec"]["replicas"], ("updatedReplicas", "availableReplicas"))


def _stateful_set(known: Object) -> str:
    status = known.get("status", {})
    if status.get("currentRevision") != status.get("updateRevision"):
        return "the update is not through"
    return _replicas(known, known["spec"]["replicas"], ("availableReplicas",))


def _daemon_set(known: Object) -> str:
    wanted = known.get("status", {}).get("desiredNumberScheduled", 0)
    return _replicas(known, wanted, ("updatedNumberScheduled", "numberAvailable"), "numberReady")


def _replicas(
    known: Object, wanted: int, ready_too: tuple[str, ...], total: str = "replicas"
) -> str:
    status = known.get("status", {})
    if "observedGeneration" not in status:
        return "its controller has not seen it"
    off = [f"{name} is {status.get(name, 0)}" for name in (total, *ready_too)]
    right = [status.get(name, 0) == wanted for name in (total, *ready_too)]
    return "" if all(right) else f"{', '.join(off)}, of {wanted}"


def _pod(known: Object) -> str:
    done = known["status"].get("phase") == "Succeeded"
    return "" if done or is_ready(known) else trouble(known)


def _job(known: Object) -> str:
    conditions = known.get("status", {}).get("conditions", ())
    done = any(c["type"] == "Complete" and c["status"] == "True" for c in conditions)
    return "" if done else "not complete"


def _phase(wanted: str) -> Unmet:
    return has("status.phase", wanted)


def _service(known: Object) -> str:
    wants = known["spec"].get("type") == "LoadBalancer"
    return "no address yet" if wants and not field(known, "status.loadBalancer.ingress") else ""


def _budget(known: Object) -> str:
    status = known.get("status", {})
    healthy, wanted = status.get("currentHealthy", 0), status.get("desiredHealthy")
    return "" if wanted is not None and healthy >= wanted else f"{healthy} healthy, of {wanted}"


def _quota(known: Object) -> str:
    counted = field(known, "status.hard") == field(known, "spec.hard")
    return "" if counted and field(known, "status.used") is not None else "nothing counted yet"


_KINDS: dict[str, Unmet] = {
    "DaemonSet": _daemon_set,
    "Deployment": _deployment,
    "Job": _job,
    "Namespace": _phase("Active"),
    "PersistentVolumeClaim": _phase("Bound"),
    "Pod": _pod,
    "PodDisruptionBudget": _budget,
    "ResourceQuota": _quota,
    "Service": _service,
    "StatefulSet": _stateful_set,
}
