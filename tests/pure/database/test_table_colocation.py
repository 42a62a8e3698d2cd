"""What is tracked of the tables that lie beside a table, and when it is parted from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from citus.database import table_catalogue
from citus.database.distributed_table import DistributedTableProvider
from citus.database.table import DEFAULT, NONE
from tests.pure.database.specs import rendered, table

if TYPE_CHECKING:
    from tests.pure.database.fake_server import Server

pytestmark = pytest.mark.pure

ADS, STRANGERS, CAMPAIGNS = "ads.ads", "ads.strangers", "ads.campaigns"
ALONE = "SELECT update_distributed_table_colocation('ads.companies', 'none')"
FOLLOWED = "SELECT update_distributed_table_colocation('ads.campaigns', 'ads.companies')"


class Group:
    """What the catalogue says of a table of 32 shards and of those that lie beside it."""

    lenient = True

    def __init__(self, *beside: str) -> None:
        self.beside = [tuple(name.split(".")) for name in beside]

    def rows(self, query: str, *_values: object) -> list[tuple[Any, ...]]:
        if "shardcount" in query:
            return [("h", "s", "id", 7, 32)]
        return self.beside if "relispartition" in query else []


def observed(database: Any, colocate_with: str) -> Any:
    found = table_catalogue.observe(database, table(colocate_with=colocate_with))
    return found and found.spec


@pytest.mark.parametrize("declared", [DEFAULT, NONE])
@pytest.mark.parametrize("beside", [(), (ADS,), (ADS, STRANGERS)])
def test_who_joins_a_table_later_is_seen_and_is_no_drift(
    declared: str, beside: tuple[str, ...]
) -> None:
    spec = observed(Group(*beside), declared)
    assert spec == table(colocate_with=declared)
    assert spec.beside == beside


@pytest.mark.parametrize(
    ("beside", "found"),
    [((ADS, STRANGERS), ADS), ((STRANGERS, ADS), ADS), ((STRANGERS,), STRANGERS), ((), NONE)],
    ids=["beside it", "beside it and another", "beside another", "alone"],
)
def test_a_table_that_is_to_lie_beside_another_is_tracked(
    beside: tuple[str, ...], found: str
) -> None:
    assert observed(Group(*beside), ADS).colocate_with == found


@pytest.mark.parametrize(
    ("beside", "ran"),
    [((ADS,), [ALONE]), ((ADS, CAMPAIGNS), [ALONE, FOLLOWED]), ((), [])],
    ids=["with others", "with others and its follower", "apart already"],
)
def test_a_table_is_parted_from_those_that_a_run_finds_beside_it(
    server: Server, beside: tuple[str, ...], ran: list[str]
) -> None:
    old = table(beside=(ADS, CAMPAIGNS))
    new = table(colocate_with=NONE, followers=(CAMPAIGNS,))
    provider = DistributedTableProvider()
    news = provider.check(provider.encode(old), provider.encode(new)).inputs
    assert rendered(provider.plan(old, new)) == [ALONE, FOLLOWED]
    # The catalogue tells a table that is to stand apart in those words, whoever is beside it.
    server.has = server.becomes = table(colocate_with=NONE, beside=beside)
    provider.update("id", provider.encode(old), news)
    assert [sql.split(" -- ")[0] for sql in server.ran] == ran
