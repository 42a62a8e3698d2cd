"""What a kubelet says of a pod."""

from __future__ import annotations

import datetime as dt

from tests.kubernetes.api import Object


def now() -> str:
    """Give the time as Kubernetes writes it."""
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def running(pod: Object, ip: str, *, ready: bool) -> Object:
    """Give the status of a pod whose containers run; ready, if their probes succeed."""
    state = {"running": {"startedAt": _started(pod)}}
    return {
        "phase": "Running",
        "podIP": ip,
        "podIPs": [{"ip": ip}],
        "startTime": _started(pod),
        "conditions": _conditions(ready=ready, initialized=True),
        "initContainerStatuses": [
            _container(c, ready=True, state=state if _sidecar(c) else _ended(0))
            for c in pod["spec"].get("initContainers", ())
        ],
        "containerStatuses": [
            _container(c, ready=ready, state=state) for c in pod["spec"]["containers"]
        ],
    }


def ended(pod: Object, *, code: int) -> Object:
    """Give the status of a pod whose work is done."""
    return {
        "phase": "Failed" if code else "Succeeded",
        "startTime": _started(pod),
        "conditions": _conditions(ready=False, initialized=True),
        "containerStatuses": [
            _container(c, ready=False, state=_ended(code)) for c in pod["spec"]["containers"]
        ],
    }


def waiting(pod: Object, message: str) -> Object:
    """Give the status of a pod that can't be started, with the reason."""
    state = {"waiting": {"reason": "CreateContainerConfigError", "message": message}}
    return {
        "phase": "Pending",
        "startTime": _started(pod),
        "conditions": _conditions(ready=False, initialized=False),
        "containerStatuses": [
            _container(c, ready=False, state=state) for c in pod["spec"]["containers"]
        ],
    }


def is_ready(pod: Object) -> bool:
    """Tell whether a pod's status says that it is ready."""
    conditions = pod.get("status", {}).get("conditions", ())
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def trouble(pod: Object) -> str:
    """Give the reason why a pod is not ready, as far as its status has one."""
    status = pod.get("status", {})
    for container in status.get("containerStatuses", ()):
        message = container.get("state", {}).get("waiting", {}).get("message")
        if message:
            return str(message)
    wrong = [c.get("message") for c in status.get("conditions", ()) if c["status"] != "True"]
    return next((str(message) for message in wrong if message), f"phase {status.get('phase')}")


def _conditions(*, ready: bool, initialized: bool) -> list[Object]:
    reason = {} if ready else {"reason": "ContainersNotReady", "message": "a probe failed"}
    return [
        {"type": "Initialized", **_truth(initialized)},
        {"type": "ContainersReady", **_truth(ready), **reason},
        {"type": "Ready", **_truth(ready), **reason},
    ]


def _truth(value: bool) -> Object:  # noqa: FBT001 - the value is what it is about
    return {"status": str(value), "lastTransitionTime": now()}


def _container(container: Object, *, ready: bool, state: Object) -> Object:
    return {
        "name": container["name"],
        "image": container["image"],
        "imageID": f"fake://{container['image']}",
        "containerID": f"fake://{container['name']}" if "running" in state else "",
        "ready": ready,
        "started": "running" in state,
        "restartCount": 0,
        "state": state,
    }


def _ended(code: int) -> Object:
    reason = "Error" if code else "Completed"
    return {"terminated": {"exitCode": code, "reason": reason, "finishedAt": now()}}


def _sidecar(container: Object) -> bool:
    return container.get("restartPolicy") == "Always"


def _started(pod: Object) -> str:
    return str(pod.get("status", {}).get("startTime") or now())
