"""A stack keeps its cluster as long as it is up."""

from __future__ import annotations

from typing import Any

import pytest

from citus.errors import Refused
from citus.platforms.kubernetes import api
from citus.platforms.kubernetes.cluster_record import ClusterRecordProvider

pytestmark = pytest.mark.pure


def inputs(identity: str, namespace: str = "citus-prod") -> dict[str, Any]:
    return {"stack": "prod", "identity": identity, "namespace": namespace}


def refused(old: str, new: str) -> list[str]:
    failures = ClusterRecordProvider().check(inputs(old), inputs(new)).failures
    return [failure.reason for failure in failures]


@pytest.mark.parametrize(
    ("old", "new"),
    [("a", "a"), ("", "a"), ("a", ""), ("", "")],
    ids=["its own", "not known yet", "not to be asked now", "never known"],
)
def test_a_cluster_that_may_be_its_own_is_taken(old: str, new: str) -> None:
    assert refused(old, new) == []


def test_another_cluster_is_refused_where_all_would_be_made_anew() -> None:
    [said] = refused("a", "b")
    assert said.startswith("stack prod is up in another Kubernetes cluster")
    assert "citus:kubeContext or KUBECONFIG" in said


@pytest.mark.parametrize(
    ("old", "new", "changes"), [("a", "a", False), ("a", "", False), ("", "a", True)]
)
def test_a_preview_without_a_cluster_forgets_nothing(old: str, new: str, *, changes: bool) -> None:
    assert ClusterRecordProvider().diff("prod", inputs(old), inputs(new)).changes is changes


def test_what_it_has_learned_is_recorded() -> None:
    provider = ClusterRecordProvider()
    learned = provider.update("prod", inputs(""), inputs("a")).outs
    assert not provider.diff("prod", learned or {}, inputs("a")).changes
    assert provider.check(learned or {}, inputs("b")).failures


def test_a_run_that_cannot_ask_forgets_no_identity() -> None:
    checked = ClusterRecordProvider().check(inputs("a"), inputs(""))
    assert checked.inputs["identity"] == "a"


def test_another_namespace_is_refused_where_an_empty_cluster_would_be_made() -> None:
    [failure] = ClusterRecordProvider().check(inputs("a"), inputs("a", "elsewhere")).failures
    assert failure.reason == (
        "stack prod is up in the namespace citus-prod, and its data do not move to elsewhere: "
        "set citus:namespace to citus-prod again"
    )


def test_a_namespace_that_is_there_already_is_not_taken_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`make down` would delete it, with whatever is in it."""
    asked: list[tuple[str, str, str]] = []

    def has_namespace(*what: str) -> bool:
        asked.append((what[0], what[1], what[2]))
        return what[2] == "citus-prod"

    monkeypatch.setattr(api, "has_namespace", has_namespace)
    provider = ClusterRecordProvider()
    provider.kube_context = "there"
    with pytest.raises(Refused, match="the namespace citus-prod is there already, and stack prod"):
        provider.create(inputs("a"))
    assert provider.create(inputs("a", "new")).outs == inputs("a", "new")
    assert asked == [("prod", "there", "citus-prod"), ("prod", "there", "new")]
