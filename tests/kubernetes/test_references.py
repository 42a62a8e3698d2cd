"""What a pod can't start without, read from its spec."""

from __future__ import annotations

import pytest

from tests.kubernetes.api import Object
from tests.kubernetes.references import Reference, references

pytestmark = pytest.mark.pure


def spec(container: Object, volumes: list[Object] | None = None) -> Object:
    return {"spec": {"containers": [container], "volumes": volumes or []}}


def variable(source: Object) -> Object:
    return spec({"env": [{"name": "X", "valueFrom": source}]})


def volume(source: Object) -> Object:
    return spec({}, [{"name": "x", **source}])


@pytest.mark.parametrize(
    ("pod", "expected"),
    [
        (spec({"env": [{"name": "X", "value": "1"}]}), set()),
        (variable({"fieldRef": {"fieldPath": "metadata.name"}}), set()),
        (variable({"secretKeyRef": {"name": "a", "key": "k"}}), {Reference("Secret", "a", "k")}),
        (
            variable({"configMapKeyRef": {"name": "a", "key": "k"}}),
            {Reference("ConfigMap", "a", "k")},
        ),
        (variable({"secretKeyRef": {"name": "a", "key": "k", "optional": True}}), set()),
        (spec({"envFrom": [{"secretRef": {"name": "a"}}]}), {Reference("Secret", "a")}),
        (volume({"emptyDir": {}}), set()),
        (volume({"secret": {"secretName": "a"}}), {Reference("Secret", "a")}),
        (
            volume({"configMap": {"name": "a", "items": [{"key": "k", "path": "p"}]}}),
            {Reference("ConfigMap", "a", "k")},
        ),
        (
            volume({"projected": {"sources": [{"secret": {"name": "a"}}, {"downwardAPI": {}}]}}),
            {Reference("Secret", "a")},
        ),
    ],
)
def test_references(pod: Object, expected: set[Reference]) -> None:
    assert references(pod) == expected


def test_what_an_init_container_refers_to_counts() -> None:
    pod = {
        "spec": {
            "containers": [{}],
            "initContainers": [{"envFrom": [{"secretRef": {"name": "a"}}]}],
        }
    }
    assert references(pod) == {Reference("Secret", "a")}


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (None, 'secret "a" not found'),
        ({"data": {}}, "couldn't find key k in Secret a"),
        ({"data": {"k": "eA=="}}, ""),
    ],
)
def test_what_is_missing(found: Object | None, said: str) -> None:
    assert Reference("Secret", "a", "k").missing_in(found) == said
