"""Where the shards are: read when what may move them has changed, and by each refresh."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from citus.database.placements import PlacementsProvider, PlacementsSpec
from tests.pure.database.specs import ENDPOINT, unknown

pytestmark = pytest.mark.pure

THEN, NOW = "2026-01-01T00:00:00.000+00:00", "2026-01-02T00:00:00.000+00:00"
SPEC = PlacementsSpec(ENDPOINT, {"Schema ads": THEN, "DistributedTable ads.companies": THEN})
provider = PlacementsProvider()


class Catalogue:
    """Answers as ``pg_dist_placement`` and its neighbours do, by group and by table."""

    def __init__(self, *rows: tuple[str, str, int]) -> None:
        self._rows = list(rows)

    def rows(self, _query: object) -> list[tuple[str, str, int]]:
        return self._rows


def test_nothing_runs_whatever_changes() -> None:
    for old in (None, SPEC, replace(SPEC, after={})):
        for new in (None, SPEC):
            assert provider.plan(old, new) == []
    assert provider.check({}, provider.encode(SPEC)).inputs["planned_sql"] == []


@pytest.mark.parametrize(
    ("after", "changes"),
    [
        (SPEC.after, False),
        ({**SPEC.after, "Schema ads": NOW}, True),
        ({**SPEC.after, "Schema user_service": NOW}, True),
        ({"Schema ads": THEN}, True),
        ({}, True),
    ],
    ids=["nothing", "one changed", "one more", "one less", "none any more"],
)
def test_they_are_read_again_after_a_change(after: dict[str, str], changes: bool) -> None:  # noqa: FBT001
    news = provider.encode(replace(SPEC, after=after))
    assert provider.diff("id", provider.encode(SPEC), news).changes is changes


def test_what_will_change_is_a_change_and_withholds_nothing() -> None:
    """A preview doesn't know when the change will have been."""
    news = unknown(provider.encode(SPEC), "after", "Schema ads")
    result = provider.check(provider.encode(SPEC), news)
    assert (result.failures, result.inputs["planned_sql"]) == ([], [])
    assert provider.diff("id", provider.encode(SPEC), news).changes


def test_what_was_last_changed_by_an_older_release_withholds_nothing() -> None:
    news = {**provider.encode(SPEC), "after": {**SPEC.after, "Membership membership": None}}
    assert provider.check({}, news).failures == []


def test_shards_are_counted_by_node_and_table() -> None:
    database: Any = Catalogue(
        ("worker-0:5432", "ads.companies", 16),
        ("worker-0:5432", "ads.geo_ips", 1),
        ("worker-1:5432", "ads.companies", 16),
    )
    assert provider.observe(database, SPEC).facts == {
        "shards": {
            "worker-0:5432": {"ads.companies": 16, "ads.geo_ips": 1},
            "worker-1:5432": {"ads.companies": 16},
        }
    }


def test_an_empty_cluster_has_no_shards() -> None:
    database: Any = Catalogue()
    observed = provider.observe(database, SPEC)
    assert (observed.spec, observed.facts) == (SPEC, {"shards": {}})
