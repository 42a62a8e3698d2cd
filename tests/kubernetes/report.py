"""What a test that has waited in vain says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

from tests.kubernetes.api import Api, Object, describe
from tests.kubernetes.pod_status import trouble
from tests.kubernetes.readiness import ready

_LAST_EVENTS = 5


class NotInTime(AssertionError):
    """What was waited for, for how long, and what was missing in the end."""

    @classmethod
    def report(cls, api: Api, known: Object, missing: str, seconds: float) -> Self:
        """Make one that also says what is wrong with the pods beside it, and the last warnings."""
        waited = f"{describe(known)} is not as it should be after {seconds:.0f} s: {missing}"
        namespace = known["metadata"].get("namespace")
        return cls("\n".join([waited, *(_around(api, namespace) if namespace else ())]))


def _around(api: Api, namespace: str) -> Iterator[str]:
    for pod in api.list("v1", "Pod", namespace=namespace):
        if ready(pod):
            yield f"{describe(pod)}: {trouble(pod)}"
    events = api.list("v1", "Event", namespace=namespace)
    for event in [one for one in events if one["type"] == "Warning"][-_LAST_EVENTS:]:
        about = event["involvedObject"]
        yield f"{about['kind']} {about['name']}: {event['message']}"
