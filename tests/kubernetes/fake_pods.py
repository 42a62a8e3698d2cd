"""Pods without containers: each is started, found ready and ended as a kubelet would say it."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import count

from tests.kubernetes import pod_status
from tests.kubernetes.agenda import Agenda
from tests.kubernetes.api import Api, Object, if_still_there
from tests.kubernetes.fake_nodes import NAMES
from tests.kubernetes.references import references
from tests.kubernetes.watch import Watch

_RETRY_SECONDS = 0.3
_SUBNET = 250  # addresses that a node gives out, more or less


@dataclass(frozen=True)
class _Pods:
    """Pods by a pattern of `namespace/name`, and of an image that one of the containers has."""

    names: str
    image: str = "*"

    def __contains__(self, pod: Object) -> bool:
        name = f"{pod['metadata']['namespace']}/{pod['metadata']['name']}"
        images = (container["image"] for container in pod["spec"]["containers"])
        return fnmatchcase(name, self.names) and any(fnmatchcase(i, self.image) for i in images)


class FakePods:
    """What the kubelets of all fake nodes do; all of it on the agenda, in its order."""

    def __init__(self, api: Api, agenda: Agenda) -> None:
        self._api, self._agenda = api, agenda
        self._pods: dict[str, Object] = {}
        self._said: dict[str, tuple[object, ...]] = {}
        self._ips: dict[str, str] = {}
        self._free_ips = (f"10.244.{i // _SUBNET}.{i % _SUBNET + 1}" for i in count())
        self._retried: set[str] = set()
        self._ending: set[str] = set()
        self._failing: list[_Pods] = []
        self._slow: list[tuple[_Pods, float]] = []
        self._watch = Watch(api, ("v1", "Pod"), agenda, self._look, self._forget)

    def fail(self, names: str, *, image: str = "*") -> None:
        """Let the probes of pods fail, or their work: `namespace/name` and image may have a `*`."""
        self._agenda.soon(self._failing.append, _Pods(names, image))
        self._agenda.soon(self._look_at_all)

    def stop_slowly(self, names: str, seconds: float) -> None:
        """Let pods take so long to end, but no longer than their grace."""
        self._agenda.soon(self._slow.append, (_Pods(names), seconds))

    def heal(self) -> None:
        """Let all pods be well, and quick to end, again."""
        self._agenda.soon(self._failing.clear)
        self._agenda.soon(self._slow.clear)
        self._agenda.soon(self._look_at_all)

    def stop(self) -> None:
        """Look at no further pod."""
        self._watch.stop()

    def _look_at_all(self) -> None:
        for pod in list(self._pods.values()):
            self._look(pod)

    def _look(self, pod: Object) -> None:
        if pod["spec"].get("nodeName") not in NAMES:
            return
        self._pods[_uid(pod)] = pod
        if "deletionTimestamp" in pod["metadata"]:
            self._end(pod)
        elif pod["status"].get("phase") not in ("Succeeded", "Failed"):
            self._say(pod, self._status(pod))

    def _status(self, pod: Object) -> Object:
        failing = any(pod in pods for pods in self._failing)
        missing = "" if _uid(pod) in self._ips else self._missing(pod)
        if missing:
            self._retry(pod)
            return pod_status.waiting(pod, missing)
        if _is_of_a_job(pod):
            return pod_status.ended(pod, code=int(failing))
        if _uid(pod) not in self._ips:
            self._ips[_uid(pod)] = next(self._free_ips)
        return pod_status.running(pod, self._ips[_uid(pod)], ready=not failing)

    def _missing(self, pod: Object) -> str:
        """Say what the pod refers to and isn't there."""
        namespace = pod["metadata"]["namespace"]
        for reference in sorted(references(pod), key=str):
            metadata = {"name": reference.name, "namespace": namespace}
            known = {"apiVersion": "v1", "kind": reference.kind, "metadata": metadata}
            missing = reference.missing_in(self._api.read(known))
            if missing:
                return missing
        return ""

    def _retry(self, pod: Object) -> None:
        if _uid(pod) not in self._retried:
            self._retried.add(_uid(pod))
            self._agenda.after(_RETRY_SECONDS, self._look_again, _uid(pod))

    def _look_again(self, uid: str) -> None:
        self._retried.discard(uid)
        if uid in self._pods:
            self._look(self._pods[uid])

    def _say(self, pod: Object, status: Object) -> None:
        """Tell the server, unless it was told so before."""
        told = {"status": status}
        gist = (status["phase"], pod_status.is_ready(told), pod_status.trouble(told))
        if self._said.get(_uid(pod)) != gist:
            self._said[_uid(pod)] = gist
            with if_still_there():
                changes = {"metadata": {"uid": _uid(pod)}, **told}  # not another of its name
                self._api.patch(pod, changes, subresource="status")

    def _end(self, pod: Object) -> None:
        if _uid(pod) in self._ending:
            return
        self._ending.add(_uid(pod))
        grace = pod["metadata"].get("deletionGracePeriodSeconds", 0)
        seconds = min(grace, max((s for pods, s in self._slow if pod in pods), default=0))
        if seconds:
            self._say(pod, pod_status.running(pod, self._ips.get(_uid(pod), ""), ready=False))
            self._agenda.after(seconds, self._gone, pod)
        else:
            self._gone(pod)

    def _gone(self, pod: Object) -> None:
        with if_still_there():
            self._api.delete(pod, grace=0)

    def _forget(self, pod: Object) -> None:
        self._ending.discard(_uid(pod))
        for known in (self._pods, self._said, self._ips):
            known.pop(_uid(pod), None)


def _uid(pod: Object) -> str:
    return str(pod["metadata"]["uid"])


def _is_of_a_job(pod: Object) -> bool:
    return any(owner["kind"] == "Job" for owner in pod["metadata"].get("ownerReferences", ()))
