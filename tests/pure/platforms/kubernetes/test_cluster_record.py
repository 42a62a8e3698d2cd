"""A stack keeps its cluster as long as it is up."""

from __future__ import annotations

from typing import Any

import pytest

from citus.platforms.kubernetes.cluster_record import ClusterRecordProvider

pytestmark = pytest.mark.pure


def inputs(identity: str) -> dict[str, Any]:
    return {"stack": "prod", "identity": identity}


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
