"""A plan that destroys data runs only where the user has permitted just this plan."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from citus.database import permit
from citus.database.distributed_table import DistributedTableProvider
from citus.database.errors import ChangedSincePreview
from citus.database.schema import SchemaProvider
from citus.database.tracked import DROP
from citus.errors import Refused
from tests.pure.database.specs import ENDPOINT, schema, table

if TYPE_CHECKING:
    from tests.pure.database.fake_server import Server

pytestmark = pytest.mark.pure

COMMENT = "the comment on table ads.companies"
OLD, NEW = table(rewrite_loses=(COMMENT,)), table(column="name")
DROPPED = schema(on_delete=DROP)
LINE = re.compile(r"bin/pulumi config set allowDataLoss (\S+)$")


def permitting(provider: Any, *permits: str) -> Any:
    provider.permits = permits
    return provider


def rewrite(server: Server) -> dict[str, Any]:
    """Let there be a table with a comment, and give the checked inputs of another column."""
    server.has, server.becomes, server.tables = OLD, NEW, {"companies": 5}
    tables = DistributedTableProvider()
    inputs: dict[str, Any] = tables.check(tables.encode(OLD), tables.encode(NEW)).inputs
    return inputs


def asked_for(shown: list[str]) -> str:
    """Give the digest that a preview asks for."""
    match = LINE.search(shown[-1])
    assert match
    return match[1]


def update(news: dict[str, Any], *permits: str) -> None:
    tables = DistributedTableProvider()
    permitting(tables, *permits).update("id", tables.encode(OLD), news)


def removal(server: Server) -> dict[str, Any]:
    """Let there be a schema with two tables, and give its outputs."""
    server.has, server.tables = DROPPED, {"users": 1, "cities": 3_000_000}
    schemas = SchemaProvider()
    recorded: dict[str, Any] = schemas.check({}, schemas.encode(DROPPED)).inputs
    return recorded


def test_an_update_without_a_permit_is_refused_with_what_is_at_stake(server: Server) -> None:
    news = rewrite(server)
    with pytest.raises(Refused) as refused:
        update(news)
    wanted = asked_for(news["planned_sql"])
    assert str(refused.value) == (
        "table ads.companies: refused, since it would lose data: rewrites the table, blocking "
        "it meanwhile; needs the room for a copy; loses the comment on table ads.companies; "
        "ads.companies (5 rows). To permit just this: "
        f"bin/pulumi config set allowDataLoss {wanted}"
    )
    assert server.ran == []


def test_a_removal_without_a_permit_is_refused_with_what_is_at_stake(server: Server) -> None:
    recorded = removal(server)
    with pytest.raises(Refused) as refused:
        SchemaProvider().delete("id", recorded)
    wanted = asked_for(recorded["delete_sql"])
    assert str(refused.value) == (
        "schema user_service: refused, since it would lose data: schema user_service goes, with "
        "every table in it; user_service.cities (more than 1,000,000 rows); "
        "user_service.users (1 row). To permit just this: "
        f"bin/pulumi config set allowDataLoss {wanted}"
    )
    assert server.ran == []


def test_an_update_runs_with_its_permit(server: Server) -> None:
    news = rewrite(server)
    update(news, asked_for(news["planned_sql"]))
    assert server.ran == permit.statements(news["planned_sql"])


def test_a_removal_runs_with_its_permit(server: Server) -> None:
    recorded = removal(server)
    permitting(SchemaProvider(), asked_for(recorded["delete_sql"])).delete("id", recorded)
    assert server.ran == permit.statements(recorded["delete_sql"])


def test_one_of_several_permits_is_enough(server: Server) -> None:
    news = rewrite(server)
    update(news, "p000000000000", asked_for(news["planned_sql"]), "p111111111111")
    assert server.ran


@pytest.mark.parametrize(
    "other",
    [
        permit.digest(ENDPOINT, "table ads.campaigns", ["SELECT 1"]),
        "p000000000000",
        "true",
        "*",
    ],
)
def test_another_permit_permits_nothing_and_stays_in_the_line(server: Server, other: str) -> None:
    news = rewrite(server)
    with pytest.raises(Refused, match="would lose data") as refused:
        update(news, other)
    line = f"bin/pulumi config set allowDataLoss {other},{asked_for(news['planned_sql'])}"
    assert str(refused.value).endswith(line)
    assert server.ran == []


def test_the_same_change_of_another_cluster_needs_its_own_permit() -> None:
    tables = DistributedTableProvider()
    there = replace(ENDPOINT, port=25432)
    one, other = (
        tables.check(
            tables.encode(replace(OLD, endpoint=endpoint)),
            tables.encode(replace(NEW, endpoint=endpoint)),
        ).inputs["planned_sql"]
        for endpoint in (ENDPOINT, there)
    )
    assert one[:-1] == other[:-1]
    assert asked_for(one) != asked_for(other)


def test_the_permit_is_the_same_in_every_preview() -> None:
    tables = DistributedTableProvider()
    olds, news = tables.encode(OLD), tables.encode(NEW)
    first, second = (tables.check(olds, news).inputs["planned_sql"] for _ in range(2))
    assert asked_for(first) == asked_for(second)


def test_a_plan_that_is_half_done_runs_with_the_permit_for_the_whole(server: Server) -> None:
    old = table(shard_count=32, rewrite_loses=(COMMENT,))
    new = table(column="name", shard_count=64)
    tables = DistributedTableProvider()
    news = tables.check(tables.encode(old), tables.encode(new)).inputs
    server.has, server.becomes = replace(old, distribution_column="name"), new
    wanted = asked_for(news["planned_sql"])
    permitting(tables, wanted).update("id", tables.encode(old), news)
    assert server.ran == permit.statements(news["planned_sql"])[1:]


def test_a_loss_that_no_preview_showed_is_refused_with_any_permit(server: Server) -> None:
    news = rewrite(server)
    server.has = replace(OLD, rewrite_loses=(COMMENT, "the grants on view ads.active"))
    with pytest.raises(ChangedSincePreview, match=r"table ads\.companies has changed"):
        update(news, asked_for(news["planned_sql"]))
    assert server.ran == []


def test_a_loss_that_no_preview_showed_is_named(server: Server) -> None:
    news = rewrite(server)
    server.has = replace(OLD, rewrite_loses=(COMMENT, "the grants on view ads.active"))
    with pytest.raises(ChangedSincePreview) as refused:
        update(news)
    assert "the grants on view ads.active" in str(refused.value)


def test_what_loses_nothing_needs_no_permit(server: Server) -> None:
    tables = DistributedTableProvider()
    server.has, server.becomes = table(), NEW
    news = tables.check(tables.encode(table()), tables.encode(NEW)).inputs
    tables.update("id", tables.encode(table()), news)
    assert server.ran == news["planned_sql"]
