"""A worker that is lost for good, with shards that no other node has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import pytest

from citus.database import permit
from citus.database.errors import StatementFailed
from citus.database.membership import MembershipProvider
from citus.errors import Refused
from tests.live.database.place import Place
from tests.live.database.tables_to_move import PLACED, ROWS, TABLES, groups, members, own_database
from tests.live.database.test_life import the_connection_is_lost_at
from tests.live.declared import Declared
from tests.live.server_log import statements_of_plans

pytestmark = pytest.mark.live

MORE = """
CREATE TABLE ads.ads (company_id bigint REFERENCES ads.companies, id bigint,
    ip bigint, PRIMARY KEY (company_id, id));
SELECT create_distributed_table('ads.ads', 'company_id', colocate_with := 'ads.companies');
ALTER TABLE ads.ads ADD CONSTRAINT from_ip FOREIGN KEY (ip) REFERENCES ads.geo_ips;
CREATE TABLE ads.seen (id bigint, made date, PRIMARY KEY (id, made)) PARTITION BY RANGE (made);
SELECT create_distributed_table('ads.seen', 'id', colocate_with := 'ads.companies');
CREATE TABLE ads.seen_2026 PARTITION OF ads.seen FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
"""
INSERT = """INSERT INTO ads.companies SELECT i, 'new' FROM generate_series(1, 1000) i
    ON CONFLICT DO NOTHING"""
OTHERS = [
    f"INSERT INTO ads.ads SELECT i, i, 1 FROM generate_series(1, {ROWS}) i",
    f"INSERT INTO ads.seen SELECT i, '2026-06-01' FROM generate_series(1, {ROWS}) i",
]

JOINED = """SELECT count(*) FROM ads.companies c JOIN ads.ads ON ads.company_id = c.id
    JOIN ads.seen ON seen.id = c.id"""


@pytest.fixture
def lost(place: Place) -> Iterator[tuple[Place, Declared]]:
    """Give a database on three workers, of which the second is down."""
    node = place.cluster.workers[1]
    with own_database(place) as apart:
        resource = Declared(MembershipProvider())
        resource.up(members(apart, 0, 1, 2))
        for text in (TABLES, *MORE.strip().split(";\n")):
            apart.by_hand(text)
        apart.cluster.servers[node.name].stop()
        try:
            yield apart, resource
        finally:
            apart.cluster.start_node(node)


def permitted(resource: Declared, planned: list[str]) -> None:
    """Permit the plan, by the line that its preview shows."""
    provider = cast("MembershipProvider", resource.provider)
    provider.permits = permit.permits(planned[-1].rsplit(" ", 1)[1])


def test_it_is_given_up_by_permit_and_its_tables_work_as_before(
    lost: tuple[Place, Declared], monkeypatch: pytest.MonkeyPatch
) -> None:
    apart, resource = lost
    given_up = members(apart, 0, 2, lost=("worker-1",))
    held = dict(apart.by_hand(PLACED))
    with (
        statements_of_plans(apart.cluster, monkeypatch) as ran,
        pytest.raises(Refused) as refused,
    ):
        resource.up(given_up)
    assert ran.statements == []
    assert "the rows of the shards that only worker-1 had are lost; " in str(refused.value)
    assert "ads.companies (shards 10" in str(refused.value)
    assert "geo_ips" not in str(refused.value)
    planned = resource.preview(given_up)
    permitted(resource, planned)
    resource.up(given_up)
    assert groups(apart) == [1, 3]
    assert sum(dict(apart.by_hand(PLACED)).values()) == sum(held.values())
    apart.by_hand(INSERT)
    for statement in OTHERS:
        apart.by_hand(statement)
    assert apart.by_hand(JOINED) == [(ROWS,)]
    apart.by_hand("ALTER TABLE ads.companies ADD COLUMN note text")
    resource.refresh()
    assert resource.preview(given_up) == []
    resource.up(members(apart, 0, 2, 3, lost=("worker-1",)))  # and one in its place


@pytest.mark.real_only("the stand-in keeps all rows, whatever node is lost")
def test_what_was_cut_off_is_finished_and_a_worker_asks_the_right_nodes(
    lost: tuple[Place, Declared], monkeypatch: pytest.MonkeyPatch
) -> None:
    apart, resource = lost
    given_up = members(apart, 0, 2, lost=("worker-1",))
    permitted(resource, resource.preview(given_up))
    with the_connection_is_lost_at(2, monkeypatch), pytest.raises(StatementFailed):
        resource.up(given_up)
    resource.refresh()
    permitted(resource, resource.preview(given_up))
    resource.up(given_up)
    left = apart.by_hand("SELECT count(*) FROM ads.companies")[0][0]
    assert 0 < left < ROWS
    worker = apart.cluster.workers[0]
    assert apart.by_hand("SELECT count(*) FROM ads.companies", worker) == [(left,)]


def test_a_worker_that_answers_is_not_given_up(place: Place) -> None:
    with own_database(place) as apart:
        resource = Declared(MembershipProvider())
        resource.up(members(apart, 0, 1))
        given_up = members(apart, 0, lost=("worker-1",))
        permitted(resource, resource.preview(given_up))
        with pytest.raises(Refused, match=r"^worker-1 can't be given up: it answers\."):
            resource.up(given_up)
        assert apart.by_hand("SELECT groupid FROM pg_dist_node WHERE isactive ORDER BY 1") == [
            (0,),
            (1,),
            (2,),
        ]
