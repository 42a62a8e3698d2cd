"""Volumes without disks: what the driver behind a StorageClass tells the API server."""

from __future__ import annotations

from tests.kubernetes.agenda import Agenda
from tests.kubernetes.api import Api, Object, if_still_there
from tests.kubernetes.watch import Watch

_PROVISIONER = "volume.kubernetes.io/storage-provisioner"
_PROVISIONED_BY = "pv.kubernetes.io/provisioned-by"


class FakeVolumes:
    """Provisions, grows and deletes volumes for every class, whichever driver it names."""

    def __init__(self, api: Api, agenda: Agenda) -> None:
        self._api = api
        self._made: set[str] = set()
        claims = Watch(api, ("v1", "PersistentVolumeClaim"), agenda, self._look_at_claim)
        volumes = Watch(api, ("v1", "PersistentVolume"), agenda, self._look_at_volume)
        self._watches = (claims, volumes)

    def stop(self) -> None:
        """Look at no further claim."""
        for watch in self._watches:
            watch.stop()

    def _look_at_claim(self, claim: Object) -> None:
        provisioner = claim["metadata"].get("annotations", {}).get(_PROVISIONER)
        if "deletionTimestamp" in claim["metadata"] or provisioner is None:
            return
        if claim["status"].get("phase") == "Bound":
            self._grow(claim)
        elif claim["metadata"]["uid"] not in self._made:
            # The binder names the provisioner once it is the driver's turn: a class that waits
            # for its first consumer has one, and the scheduler has chosen its node.
            self._made.add(claim["metadata"]["uid"])
            self._provision(claim, provisioner)

    def _provision(self, claim: Object, provisioner: str) -> None:
        name = claim["spec"]["storageClassName"]
        class_ = {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass"}
        found = self._api.read({**class_, "metadata": {"name": name}})
        if found is not None:
            self._api.apply(_driver(provisioner), owner="driver", force=True)
            with if_still_there():
                self._api.create(_volume(claim, found))

    def _grow(self, claim: Object) -> None:
        """Give it what it asks for; the API server let nobody ask where the class doesn't allow."""
        asked = {"capacity": {"storage": _asked(claim)}}
        if claim["status"].get("capacity") != asked["capacity"]:
            metadata = {"name": claim["spec"]["volumeName"]}
            volume = {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": metadata}
            with if_still_there():
                self._api.patch(volume, {"spec": asked})
                self._api.patch(claim, {"status": asked}, subresource="status")

    def _look_at_volume(self, volume: Object) -> None:
        """Delete what nobody claims any more, if its class says so."""
        ours = _PROVISIONED_BY in volume["metadata"].get("annotations", {})
        released = volume["status"].get("phase") == "Released"
        if ours and released and volume["spec"]["persistentVolumeReclaimPolicy"] == "Delete":
            with if_still_there():
                self._api.delete(volume)


def _asked(claim: Object) -> str:
    return str(claim["spec"]["resources"]["requests"]["storage"])


def _driver(name: str) -> Object:
    """Give a driver whose volumes need no attaching: nobody here would answer for it."""
    kind = {"apiVersion": "storage.k8s.io/v1", "kind": "CSIDriver"}
    return {**kind, "metadata": {"name": name}, "spec": {"attachRequired": False}}


def _volume(claim: Object, class_: Object) -> Object:
    metadata, spec = claim["metadata"], claim["spec"]
    name = f"pvc-{metadata['uid']}"
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": name, "annotations": {_PROVISIONED_BY: class_["provisioner"]}},
        "spec": {
            "capacity": {"storage": _asked(claim)},
            "accessModes": spec["accessModes"],
            "volumeMode": spec["volumeMode"],
            "storageClassName": class_["metadata"]["name"],
            "persistentVolumeReclaimPolicy": class_["reclaimPolicy"],
            "csi": {"driver": class_["provisioner"], "volumeHandle": name},
            "claimRef": {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                **{key: metadata[key] for key in ("name", "namespace", "uid")},
            },
        },
    }
