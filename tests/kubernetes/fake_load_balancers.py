"""Addresses for Services of type LoadBalancer, as a cloud would give them."""

from __future__ import annotations

from itertools import count

from tests.kubernetes.agenda import Agenda
from tests.kubernetes.api import Api, Object, if_still_there
from tests.kubernetes.watch import Watch


class FakeLoadBalancers:
    """Gives each such Service an address that leads nowhere."""

    def __init__(self, api: Api, agenda: Agenda) -> None:
        self._api = api
        self._free = (f"192.0.2.{i % 254 + 1}" for i in count())  # kept free for examples
        self._watch = Watch(api, ("v1", "Service"), agenda, self._look)

    def stop(self) -> None:
        """Look at no further Service."""
        self._watch.stop()

    def _look(self, service: Object) -> None:
        wants = service["spec"].get("type") == "LoadBalancer"
        if wants and not service["status"].get("loadBalancer", {}).get("ingress"):
            status = {"loadBalancer": {"ingress": [{"ip": next(self._free)}]}}
            with if_still_there():
                self._api.patch(service, {"status": status}, subresource="status")
