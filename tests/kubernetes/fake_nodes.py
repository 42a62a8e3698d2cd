"""Nodes that are there and well, but run nothing: what a cluster's machines tell the API server."""

from __future__ import annotations

import datetime as dt

from tests.kubernetes.agenda import Agenda
from tests.kubernetes.api import Api, Object
from tests.kubernetes.pod_status import now

NAMES = tuple(f"node-{index}" for index in range(6))
ZONES = ("zone-a", "zone-b", "zone-c")
NODE = {"apiVersion": "v1", "kind": "Node"}

_RENEWED_SECONDS = 10  # as a kubelet does; after 50 s of silence a node counts as lost
_ROOM = {"cpu": "16", "memory": "64Gi", "pods": "110", "ephemeral-storage": "500Gi"}


class FakeNodes:
    """Registers the nodes, and says every few seconds that they live."""

    def __init__(self, api: Api, agenda: Agenda) -> None:
        self._api, self._agenda = api, agenda
        for index in range(len(NAMES)):
            api.create(_node(index))
        agenda.soon(self._renew)

    def _renew(self) -> None:
        for name in NAMES:
            self._api.apply(_lease(name), owner="kubelet", force=True)
        self._agenda.after(_RENEWED_SECONDS, self._renew)


def address(node: str) -> str:
    """Give the address of a node."""
    return f"10.0.0.{NAMES.index(node) + 1}"


def _node(index: int) -> Object:
    name = NAMES[index]
    labels = {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "topology.kubernetes.io/zone": ZONES[index % len(ZONES)],
    }
    ready = {"type": "Ready", "status": "True", "reason": "KubeletReady"}
    times = {"lastHeartbeatTime": now(), "lastTransitionTime": now()}
    status = {
        "capacity": _ROOM,
        "allocatable": _ROOM,
        "conditions": [{**ready, **times}],
        "addresses": [
            {"type": "InternalIP", "address": address(name)},
            {"type": "Hostname", "address": name},
        ],
    }
    return {**NODE, "metadata": {"name": name, "labels": labels}, "status": status}


def _lease(name: str) -> Object:
    renewed = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {"name": name, "namespace": "kube-node-lease"},
        "spec": {"holderIdentity": name, "leaseDurationSeconds": 40, "renewTime": renewed},
    }
